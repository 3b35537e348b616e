package story

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/floorwalker/floorwalker/dialog/skill"
)

// Mail keeps the one-time codes that a story is sent. It is safe for concurrent use.
type Mail struct {
	Down bool // nothing can be sent
	mu   sync.Mutex
	code string
}

// Send keeps a code as the last one.
func (m *Mail) Send(_ context.Context, l skill.Letter) error {
	if m.Down {
		return errors.New("in this story no mail can be sent")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.code = l.Code
	return nil
}

// fill writes the last code in the place of {code}.
func (m *Mail) fill(text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.ReplaceAll(text, "{code}", m.code)
}
