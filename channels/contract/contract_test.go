package contract_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/floorwalker/floorwalker/channels/contract"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

type basket struct {
	ID    string         `json:"id"`
	Cards []journal.Card `json:"cards"`
	Owner journal.Owner  `json:"owner,omitempty"`
	Index *int           `json:"index,omitempty"`
	Other any            `json:"other,omitempty"`
}

type promise struct {
	Then func() `json:"then"`
}

// described is the document of one operation that answers with a basket.
func described(t *testing.T, v any, rules contract.Rules) (string, error) {
	t.Helper()
	s := contract.NewSchemas()
	data, err := contract.OpenAPI(s, "1", []contract.Operation{{Method: "GET", Path: "/basket", Name: "basket", Status: 200,
		Out: map[string]*jsonschema.Schema{"application/json": s.Of("", v, rules)}}})
	return string(data), err
}

func TestSchemasAreOfWhatIsEncoded(t *testing.T) {
	text, err := described(t, basket{}, contract.Rules{"id": contract.ID})
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	var compact strings.Builder
	for _, name := range []string{"Basket", "Money"} {
		var v any
		if err := json.Unmarshal(d.Components.Schemas[name], &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		compact.Write(append(line, '\n'))
	}
	want := `{"properties":{"cards":{"items":{"$ref":"#/components/schemas/Card"},"type":"array"},"id":{"pattern":"^[A-Za-z0-9_-]{1,64}$","type":"string"},` +
		`"index":{"type":"integer"},"other":true,"owner":{"enum":["bot","queue","agent"],"type":"string"}},"required":["id","cards"],"type":"object"}
{"properties":{"amount":{"pattern":"^-?[0-9]+(\\.[0-9]+)?$","type":"string"},"currency":{"type":"string"}},"required":["amount","currency"],"type":"object"}
`
	if compact.String() != want {
		t.Errorf("got\n%swant\n%s", compact.String(), want)
	}
}

func TestWhatCannotBeDescribedIsTold(t *testing.T) {
	if _, err := described(t, basket{}, contract.Rules{"colour": contract.ID}); err == nil || !strings.Contains(err.Error(), `no field "colour"`) {
		t.Errorf("a rule for a field that isn't there: %v", err)
	}
	if _, err := described(t, promise{}, nil); err == nil {
		t.Error("a function was described")
	}
	if _, err := described(t, struct{}{}, nil); err == nil || !strings.Contains(err.Error(), "needs a name") {
		t.Errorf("a type without a name: %v", err)
	}
	s := contract.NewSchemas()
	s.Of("Thing", basket{}, nil)
	s.Of("Thing", journal.Card{}, nil)
	if _, err := contract.AsyncAPI(s, "1", nil); err == nil || !strings.Contains(err.Error(), "both called Thing") {
		t.Errorf("two types of one name: %v", err)
	}
}
