package linear

import (
	"context"
	"errors"
)

// Train learns a model from rows X ([examples][dim], or nil for none), their sparse features
// (one row an example, or nil for none) and their labels y (0 ≤ y < Classes). It stops with
// ctx's error when ctx ends.
func Train(ctx context.Context, X [][]float32, sparse [][]Feature, y []int, opts Options) (*Softmax, error) {
	return nil, errors.New("linear: training is being written")
}

// Calibrated returns the model with the temperature that makes the log loss on these rows, which
// it must not have been trained on, smallest. Which class is on top never changes.
func (m *Softmax) Calibrated(X [][]float32, sparse [][]Feature, y []int) (*Softmax, error) {
	return nil, errors.New("linear: calibration is being written")
}
