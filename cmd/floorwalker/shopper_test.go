package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gorilla/websocket"
)

// heard is any frame from the server, as tests need it.
type heard struct {
	received
	Epoch        string `json:"epoch"`
	Conversation string `json:"conversation"`
	Secret       string `json:"secret"`
	Reset        bool   `json:"reset"`
	Turn         string `json:"turn"`
	Name         string `json:"name"`
	Record       string `json:"record"`
	Key          string `json:"key"`
	Expects      struct {
		Slot string `json:"slot"`
	} `json:"expects"`
}

// come connects to the demo shop of a server and says hello.
func come(url string, hello map[string]any) (*websocket.Conn, heard, error) {
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return nil, heard{}, err
	}
	hello["type"], hello["shop"] = "hello", "demo"
	if err := ws.WriteJSON(hello); err != nil {
		ws.Close()
		return nil, heard{}, err
	}
	w, err := read(ws)
	if err == nil && w.Type != "welcome" {
		err = fmt.Errorf("hello is answered by %s", w.raw)
	}
	if err != nil {
		ws.Close()
		return nil, heard{}, err
	}
	return ws, w, nil
}

// read reads a frame, within a minute.
func read(ws *websocket.Conn) (heard, error) {
	ws.SetReadDeadline(time.Now().Add(time.Minute))
	_, data, err := ws.ReadMessage()
	if err != nil {
		return heard{}, err
	}
	f := heard{received: received{raw: data}}
	return f, json.Unmarshal(data, &f)
}
