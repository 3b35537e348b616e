package evaluate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/nlu/fold"
)

// Model is one model's cases of the collection of specifications that Recognizers-Text is tested by.
type Model struct {
	Name, Lang string // "Number", "en"
	Types      []string
	Cases      []EntityCase
	Skipped    int // cases that the collection marks as wrong in its own reference implementation
}

// collection lists the models that have types of ours.
var collection = []struct {
	name, file string
	types      []string
}{
	{"Number", "Number/%s/NumberModel.json", []string{"number"}},
	{"NumberRange", "Number/%s/NumberRangeModel.json", []string{"number_range"}},
	{"Ordinal", "Number/%s/OrdinalModel.json", []string{"ordinal"}},
	{"Percentage", "Number/%s/PercentModel.json", []string{"percentage"}},
	{"Currency", "NumberWithUnit/%s/CurrencyModel.json", []string{"money"}},
	{"PhoneNumber", "Sequence/%s/PhoneNumberModel.json", []string{"phone"}},
	{"Email", "Sequence/%s/EmailModel.json", []string{"email"}},
	{"DateTime", "DateTime/%s/DateTimeModel.json", []string{"date", "time", "datetime", "duration", "period"}},
}

// Recognizers reads a folder of those specifications. Values that only say "a percentage, unknown which" are left out, as are cases
// that name every implementation, the reference one included, as not supporting them.
func Recognizers(dir fs.FS) ([]Model, error) {
	var out []Model
	for _, m := range collection {
		for _, lang := range []struct{ folder, code string }{{"English", "en"}, {"Chinese", "zh"}} {
			file := path.Clean(fmt.Sprintf(m.file, lang.folder))
			f, err := dir.Open(file)
			if err != nil {
				if lang.code == "zh" && m.name == "Email" {
					continue // there is none
				}
				return nil, err
			}
			model := Model{Name: m.name, Lang: lang.code, Types: m.types}
			err = model.read(f)
			f.Close()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			out = append(out, model)
		}
	}
	return out, nil
}

// Score measures one model.
func (m Model) Score() (EntityScore, []EntityMiss) { return entities(m.Cases, m.Types) }

type spec struct {
	Input        string
	Context      struct{ ReferenceDateTime string }
	NotSupported string
	Results      []struct {
		Text, TypeName string
		Start          *int
		Resolution     struct {
			Value, Unit, IsoCurrency *string
			Values                   []map[string]string
		}
	}
}

func (m *Model) read(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var specs []spec
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\ufeff")), &specs); err != nil {
		return err
	}
	for _, s := range specs {
		if strings.Contains(strings.ToLower(s.NotSupported), "dotnet") {
			m.Skipped++
			continue
		}
		c := EntityCase{Text: s.Input, Lang: m.Lang, ReferenceTime: s.Context.ReferenceDateTime}
		from := 0
		for _, r := range s.Results {
			kind, ok := entityType(r.TypeName)
			if !ok || !slices.Contains(m.Types, kind) {
				continue
			}
			e := Entity{Type: kind, Text: r.Text}
			if r.Start != nil {
				e.Start = *r.Start
			} else {
				e.Start = indexRunes(s.Input, r.Text, from)
				from = e.Start + 1
			}
			e.End = e.Start + len([]rune(r.Text))
			if e.Value, ok = m.value(kind, r.Resolution.Value, r.Resolution.Unit, r.Resolution.IsoCurrency, r.Resolution.Values); ok {
				c.Entities = append(c.Entities, e)
			}
		}
		m.Cases = append(m.Cases, c)
	}
	return nil
}

func indexRunes(text, part string, from int) int {
	t, p := []rune(fold.New(text).Lower), []rune(fold.New(part).Lower)
	for i := from; i+len(p) <= len(t); i++ {
		if slices.Equal(t[i:i+len(p)], p) {
			return i
		}
	}
	return 0
}

// value is the value in our notation; false where the specification gives none.
func (m *Model) value(kind string, value, unit, iso *string, values []map[string]string) (string, bool) {
	switch kind {
	case "money":
		if value == nil {
			return "", false
		}
		amount, code := *value, ""
		if iso != nil {
			code = *iso
		} else if unit != nil {
			amount, code = inMainUnit(amount, *unit)
		}
		return strings.TrimSpace(amount + " " + code), true
	case "date", "time", "datetime", "duration", "period":
		return resolved(kind, values)
	}
	if value == nil || *value == "null" {
		return "", false
	}
	return *value, true
}

// resolved are the readings of a time: all that the specification lists.
func resolved(kind string, values []map[string]string) (string, bool) {
	var out []string
	for _, v := range values {
		reading := v["value"]
		if kind == "period" {
			start, end := v["start"], v["end"]
			if start == "" && end == "" {
				return "", false
			}
			if start == "" {
				start = ".."
			}
			if end == "" {
				end = ".."
			}
			reading = start + "/" + end
		}
		if reading == "" || reading == "not resolved" {
			return "", false
		}
		if !slices.Contains(out, reading) {
			out = append(out, reading)
		}
	}
	return strings.Join(out, "|"), len(out) > 0
}

// mainUnits are what the collection calls units without a code: the currency, and how much of it one is.
var mainUnits = map[string]struct {
	code   string
	factor float64
}{
	"Dollar": {"USD", 1}, "Cent": {"USD", 0.01}, "Pound": {"GBP", 1}, "Pence": {"GBP", 0.01}, "Penny": {"GBP", 0.01},
	"Franc": {"CHF", 1}, "Rupee": {"INR", 1}, "Finnish markka": {"FIM", 1}, "Netherlands guilder": {"NLG", 1}, "Sen": {"MYR", 0.01},
}

func inMainUnit(amount, unit string) (string, string) {
	u, ok := mainUnits[unit]
	if !ok {
		return amount, unit
	}
	v, err := strconv.ParseFloat(amount, 64)
	if err != nil || u.factor == 1 {
		return amount, u.code
	}
	return strconv.FormatFloat(v*u.factor, 'f', -1, 64), u.code
}
