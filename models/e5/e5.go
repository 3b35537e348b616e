// Package e5 knows multilingual-e5-small, the text encoder of Wang et al. 2024 (MIT licence), in the
// compact form it comes in: it reads the vocabulary and the 4-bit weights of
// e5-small-q4.bin, and turns them into what ONNX Runtime runs.
//
// The graph, the place of each weight and the kept part of the vocabulary are embedded;
// models/train/e5_skeleton.py makes them. Nothing here keeps weights in the repository.
package e5

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

const (
	// Dim is the length of a vector.
	Dim = 384
	// MaxTokens is the longest input, with its start and end.
	MaxTokens = 512
	// Layers is the number of transformer layers.
	Layers = 12
	// WeightsName is the file that [Skeleton] reads its weights from, beside its own.
	WeightsName = "e5.weights"
	// Input and output of the graph: token ids and mask, int64 [batch][length]; unit
	// vectors, float32 [batch][Dim].
	InputIDs, InputMask, Output = "input_ids", "attention_mask", "sentence_embedding"
)

//go:embed build/skeleton.onnx
var skeleton []byte

//go:embed build/layout.json
var layout []byte

//go:embed build/kept.bits
var kept []byte

// Skeleton returns the ONNX graph whose weights are external, in [WeightsName].
func Skeleton() []byte { return append([]byte(nil), skeleton...) }

// Kept reports whether the converted model has a row for this id of the full vocabulary. Rows
// keep the order of the ids.
func Kept(id int) bool { return id>>3 < len(kept) && id >= 0 && kept[id>>3]>>(id&7)&1 == 1 }

// place says where in the weights file a tensor of the skeleton is.
type place struct {
	Name   string `json:"name"`
	Offset int    `json:"offset"`
	Bytes  int    `json:"bytes"`
}

func places() ([]place, error) {
	var all []place
	if err := json.Unmarshal(layout, &all); err != nil {
		return nil, fmt.Errorf("e5: the embedded layout.json: %w", err)
	}
	return all, nil
}
