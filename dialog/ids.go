package dialog

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
)

// IDs make what must be unique or secret. All are safe for concurrent use.
type IDs struct {
	Turn         func() string // also the trace id of errors
	Conversation func() string
	Secret       func() string // cannot be guessed: 256 random bits
}

func (ids IDs) filled() IDs {
	if ids.Turn == nil {
		ids.Turn = randomID
	}
	if ids.Conversation == nil {
		ids.Conversation = randomID
	}
	if ids.Secret == nil {
		ids.Secret = randomSecret
	}
	return ids
}

func randomID() string { return strings.ToLower(rand.Text()) }

func randomSecret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: it ends the process instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// longestID is that of ids of shops, conversations, messages and turns.
const longestID = 64

// sound reports whether an id matches [A-Za-z0-9_-]{1,64}.
func sound(id string) bool {
	for _, r := range id {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
		default:
			return false
		}
	}
	return len(id) >= 1 && len(id) <= longestID
}
