package websocket

import "github.com/floorwalker/floorwalker/channels"

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
	channels.Place
	Note int64 `json:"note"` // an agent's: the last note there
}

// decode reads a frame. Its errors are `bad_frame`, with the place. The frame is returned
// even then as far as it was understood, so that the error can name its id.
func decode(data []byte) (f frame, err error) {
	err = channels.Decode(data, &f, "frame", `{"type":"message","id":"m1","text":"hello"}`)
	return f, err
}
