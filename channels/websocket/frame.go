package websocket

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/dialog"
)

// frame is any object a client sends; which fields count depends on its type.
type frame struct {
	Type         string  `json:"type"`
	ID           string  `json:"id"`
	Text         string  `json:"text"`
	Choice       string  `json:"choice"`
	Turn         string  `json:"turn"`
	Rating       int     `json:"rating"`
	Comment      string  `json:"comment"`
	Shop         string  `json:"shop"`
	Token        string  `json:"token"`
	Conversation string  `json:"conversation"`
	Secret       string  `json:"secret"`
	Resume       *resume `json:"resume"`
	Locale       string  `json:"locale"`
}

type resume struct {
	Epoch  string `json:"epoch"`
	Offset int64  `json:"offset"`
}

// decode reads a frame. Its errors are `bad_frame`, with the place. The frame is returned
// even then as far as it was understood, so that the error can name its id.
func decode(data []byte) (frame, error) {
	var f frame
	bad := func(format string, args ...any) (frame, error) {
		return f, &dialog.Error{Code: dialog.BadFrame, Message: fmt.Sprintf(format, args...)}
	}
	if !utf8.Valid(data) {
		return bad("invalid UTF-8 at byte %d", invalidAt(data))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&f); err != nil {
		return bad("not a frame: %v; want one JSON object such as {\"type\":\"message\",\"id\":\"m1\",\"text\":\"hello\"}", err)
	}
	if d.More() {
		return bad("more than one value in a frame, at byte %d", d.InputOffset())
	}
	return f, nil
}

func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(data)
}
