package websocket

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
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
	To           string  `json:"to"` // of transfer: an agent, or empty for the queue
}

type resume struct {
	Epoch  string `json:"epoch"`
	Offset int64  `json:"offset"`
	Note   int64  `json:"note"` // an agent's: the last note there
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
	err := json.Unmarshal(data, &f)
	if err == nil && !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) { // null is no error to Unmarshal
		err = errors.New("it is no object")
	}
	var syntax *json.SyntaxError
	var misfit *json.UnmarshalTypeError
	const want = `want one JSON object such as {"type":"message","id":"m1","text":"hello"}`
	switch {
	case errors.As(err, &syntax):
		return bad("not a frame: %v at byte %d; %s", err, syntax.Offset, want)
	case errors.As(err, &misfit):
		return bad("not a frame: %s can't be a JSON %s, at byte %d; %s", cmp.Or(misfit.Field, "a frame"), misfit.Value, misfit.Offset, want)
	case err != nil:
		return bad("not a frame: %v; %s", err, want)
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
