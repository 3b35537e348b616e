package catalog

import "time"

// Settings is a shop.yaml. See docs/shop-folder.md for each key.
type Settings struct {
	ID       string            `yaml:"id"`
	Name     Text              `yaml:"name"`
	Locales  []string          `yaml:"locales"` // the first is the default
	Currency string            `yaml:"currency"`
	TimeZone string            `yaml:"time_zone"`
	Hours    map[string]string `yaml:"hours"` // mon…sun → "09:00-18:00"; absent day: closed; no map: always open
	Holidays []Holiday         `yaml:"holidays"`
	Contact  Contact           `yaml:"contact"` // how people reach the shop beside the chat
	Identity Proofs            `yaml:"identity"`
	Policies map[string]any    `yaml:"policies"` // flows read it as `policy`, over the built-in defaults
	Channels map[string]any    `yaml:"channels"`
	Orders   OrderSystem       `yaml:"orders"`

	Understanding Understanding `yaml:"understanding"`

	Notices map[string]Text `yaml:"notices"`

	Version string `yaml:"-"` // hash of the file: the version of policy facts
}

// Text is wording by language; a plain string in YAML stands for every language and is kept
// under "".
type Text map[string]string

// Understanding says how the shop wants to be understood.
type Understanding struct {
	// InScopeLoss is the part, from 0 to 1, of texts the bot could help with that may be taken for
	// out of scope; 0 is the default.
	InScopeLoss float64 `yaml:"in_scope_loss"`
}

// OrderSystem is the shop's own system of orders; without a URL, orders are changed here.
type OrderSystem struct {
	URL     string `yaml:"url"`
	KeyEnv  string `yaml:"key_env"` // the environment variable that holds its bearer token
	Timeout string `yaml:"timeout"` // of one try, such as 3s
}

// Contact is how people reach the shop beside the chat; empty: not so.
type Contact struct {
	Phone string `yaml:"phone"` // as it is told
	Email string `yaml:"email"`
}

// Holiday is a day on which nobody is at the desk.
type Holiday struct {
	Date string `yaml:"date"` // YYYY-MM-DD
	Name Text   `yaml:"name"`
}

// Proofs says what proves each level of identity: names of the slot `identity` in the
// protocol, and `token`. Defaults: claimed by order_email or order_postal_code, verified by
// token or code.
type Proofs struct {
	Claimed  []string `yaml:"claimed"`
	Verified []string `yaml:"verified"`
}

// Open reports whether somebody can be at the desk at t, by hours and holidays.
func (s Settings) Open(t time.Time) bool { return openAt(s, t) }
