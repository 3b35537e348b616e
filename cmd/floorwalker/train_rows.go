package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/nlu/evaluate"
	"github.com/floorwalker/floorwalker/nlu/intent"
)

// trainingRow is an example as the encoder reads it: models/train has neither the rules for
// what texts have in common nor a tokeniser, so that it can't differ from the program in them.
type trainingRow struct {
	Text   string  `json:"text"` // normal
	Intent string  `json:"intent"`
	Lang   string  `json:"lang,omitempty"`
	IDs    []int32 `json:"ids"`
}

// writeRows writes the examples of a set, and beside them texts that belong to no intent.
func writeRows(file string, encoder *onnx.Encoder, set intent.Set, strange []string) (n int, err error) {
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriter(f)
	defer func() { err = errors.Join(err, out.Flush()) }()
	write := rowWriter(out, encoder)
	for _, in := range set {
		for _, lang := range slices.Sorted(maps.Keys(in.Examples)) {
			for _, text := range in.Examples[lang] {
				wrote, err := write(text, in.Name, lang)
				if err != nil {
					return n, err
				}
				if wrote {
					n++
				}
			}
		}
	}
	for _, text := range strange {
		if _, err := write(text, evaluate.OutOfScope, ""); err != nil {
			return n, err
		}
	}
	return n, nil
}

// rowWriter returns what writes an example, unless the same was written, and says whether it did.
func rowWriter(w io.Writer, encoder *onnx.Encoder) func(text, name, lang string) (bool, error) {
	seen := map[string]bool{}
	lines := json.NewEncoder(w)
	return func(text, name, lang string) (bool, error) {
		text = intent.Normal(text)
		key := name + "\n" + text
		if seen[key] {
			return false, nil
		}
		seen[key] = true
		ids, err := encoder.Tokens(models.Query, text)
		if err != nil {
			return false, err
		}
		return true, lines.Encode(trainingRow{text, name, lang, ids})
	}
}
