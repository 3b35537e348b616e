package contract

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// Operation is one thing that can be asked for by HTTP.
type Operation struct {
	Method, Path string
	Name, About  string
	Parameters   []Parameter
	Security     []string // names of Security; an empty name: none is needed
	In           *jsonschema.Schema
	Status       int
	Out          map[string]*jsonschema.Schema // by media type
	Errors       []int
}

// Parameter is given beside the body.
type Parameter struct {
	Name, In, About, Pattern string // In: path, query or header
	Required                 bool
}

// Security are the ways to say who calls.
var Security = map[string]any{
	"conversation": map[string]any{"type": "http", "scheme": "bearer",
		"description": "The conversation's secret, which came when it began, or a signed token (JWT) of its customer."},
	"customer": map[string]any{"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
		"description": "A signed token of a customer: sub, aud (the shop) and exp, HS256 with the shop's key."},
	"webhook": map[string]any{"type": "http", "scheme": "bearer", "description": "webhook.token of the server's configuration."},
}

// OpenAPI is the OpenAPI 3.1 document of operations.
func OpenAPI(s *Schemas, version string, operations []Operation) ([]byte, error) {
	failure := s.Error()
	if event := s.named[eventName]; event != nil {
		event.Extra = discriminator()
	}
	paths := map[string]map[string]any{}
	for _, o := range operations {
		if paths[o.Path] == nil {
			paths[o.Path] = map[string]any{}
		}
		paths[o.Path][strings.ToLower(o.Method)] = o.describe(failure)
	}
	return s.document(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{"title": "Floorwalker", "version": version,
			"description": "Conversations with an online shop, by HTTP. Unknown fields are ignored in what you send; expect new ones in what you get."},
		"servers":    []any{map[string]any{"url": "/"}},
		"paths":      paths,
		"components": map[string]any{"schemas": s.named, "securitySchemes": Security},
	})
}

func (o Operation) describe(failure *jsonschema.Schema) map[string]any {
	parameters := []any{}
	for _, p := range o.Parameters {
		parameters = append(parameters, map[string]any{"name": p.Name, "in": p.In, "description": p.About, "required": p.Required,
			"schema": jsonschema.Schema{Type: "string", Pattern: p.Pattern}})
	}
	security := []any{}
	for _, name := range o.Security {
		if name == "" {
			security = append(security, map[string]any{})
			continue
		}
		security = append(security, map[string]any{name: []any{}})
	}
	d := map[string]any{"operationId": o.Name, "summary": o.About, "parameters": parameters, "security": security, "responses": o.responses(failure)}
	if o.In != nil {
		d["requestBody"] = map[string]any{"required": true, "content": media(map[string]*jsonschema.Schema{"application/json": o.In})}
	}
	return d
}

func (o Operation) responses(failure *jsonschema.Schema) map[string]any {
	all := map[string]any{strconv.Itoa(o.Status): map[string]any{"description": http.StatusText(o.Status), "content": media(o.Out)}}
	for _, status := range o.Errors {
		r := map[string]any{"description": http.StatusText(status), "content": media(map[string]*jsonschema.Schema{"application/json": failure})}
		switch status {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			r["headers"] = map[string]any{"Retry-After": map[string]any{"description": "Seconds.", "schema": map[string]any{"type": "integer"}}}
		case http.StatusUnauthorized:
			r["headers"] = map[string]any{"WWW-Authenticate": map[string]any{"schema": map[string]any{"type": "string"}}}
		}
		all[strconv.Itoa(status)] = r
	}
	return all
}

func media(content map[string]*jsonschema.Schema) map[string]any {
	m := map[string]any{}
	for kind, schema := range content {
		m[kind] = map[string]any{"schema": schema}
	}
	return m
}
