package websocket

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/dialog"
)

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"type":"message","id":"m1","text":"hello"}`, `{"type":"hello","shop":"s","resume":{"epoch":"e","offset":17}}`,
		`null`, `{}`, `[`, "\xff", `{"type":"\ud800"}`, `{"offset":1e99}`, `{"resume":{"offset":"x"},"id":"m1"}`, ` {"rating":1.5}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decode(data)
		if err == nil {
			var object map[string]json.RawMessage
			if json.Unmarshal(data, &object) != nil || object == nil || !utf8.Valid(data) {
				t.Errorf("%q was taken for %+v", data, got)
			}
			return
		}
		var refused *dialog.Error
		if !errors.As(err, &refused) || refused.Code != dialog.BadFrame || !utf8.ValidString(refused.Message) || refused.Message == "" {
			t.Errorf("%q: %v", data, err)
		}
	})
}
