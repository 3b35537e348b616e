package main

import (
	"fmt"

	"github.com/floorwalker/floorwalker/channels/contract"
	"github.com/floorwalker/floorwalker/channels/natsbus"
	"github.com/floorwalker/floorwalker/channels/rest"
	"github.com/floorwalker/floorwalker/channels/websocket"
)

type describeCommand struct {
	What string `arg:"" enum:"openapi,asyncapi" help:"openapi: HTTP. asyncapi: WebSocket frames and NATS subjects."`
}

func (c *describeCommand) Help() string {
	return "The server has the same at /openapi.json and /asyncapi.json.\n\nExample: floorwalker describe openapi > openapi.json"
}

func (c *describeCommand) Run(s streams) error {
	all, err := documents(defaults().Limits.Text)
	if err != nil {
		return err
	}
	_, err = s.out.Write(all["/"+c.What+".json"])
	return err
}

// protocolVersion is that of the wire contracts.
const protocolVersion = "1.0.0"

// documents say what is spoken, by the path at which they are served. text is how many characters
// a text may have.
func documents(text int) (map[string][]byte, error) {
	openAPI, err := rest.OpenAPI(protocolVersion, text)
	if err != nil {
		return nil, fmt.Errorf("describing HTTP: %w", err)
	}
	s := contract.NewSchemas()
	asyncAPI, err := contract.AsyncAPI(s, protocolVersion, append([]contract.Channel{websocket.Describe(s, text)}, natsbus.Describe(s)...))
	if err != nil {
		return nil, fmt.Errorf("describing WebSocket and NATS: %w", err)
	}
	return map[string][]byte{"/openapi.json": openAPI, "/asyncapi.json": asyncAPI}, nil
}
