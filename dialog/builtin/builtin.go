// Package builtin is what every shop has unless it says otherwise: flows, intents, replies
// and policies, as data in the formats of a shop folder.
package builtin

import "embed"

// Files holds flows/*.yaml, intents/*.yaml, replies/*.yaml, policies.yaml and assent.yaml.
//
//go:embed flows intents replies policies.yaml assent.yaml
var Files embed.FS
