package channels

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/dialog"
)

// Decode reads a client's words into v: one JSON object in UTF-8, whose unknown fields are ignored.
// Its errors are `bad_frame`, with the place; what names the thing, example shows one. v is filled
// even then as far as it was understood, so that the error can name its id.
func Decode(data []byte, v any, what, example string) error {
	bad := func(format string, args ...any) error {
		return &dialog.Error{Code: dialog.BadFrame, Message: fmt.Sprintf(format, args...)}
	}
	if !utf8.Valid(data) {
		return bad("invalid UTF-8 at byte %d", invalidAt(data))
	}
	err := json.Unmarshal(data, v)
	if err == nil && !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) { // null is no error to Unmarshal
		err = errors.New("it is no object")
	}
	var syntax *json.SyntaxError
	var misfit *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return bad("not a %s: %v at byte %d; want one JSON object such as %s", what, err, syntax.Offset, example)
	case errors.As(err, &misfit):
		return bad("not a %s: %s can't be a JSON %s, at byte %d; want one JSON object such as %s",
			what, cmp.Or(misfit.Field, "a "+what), misfit.Value, misfit.Offset, example)
	case err != nil:
		return bad("not a %s: %v; want one JSON object such as %s", what, err, example)
	}
	return nil
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
