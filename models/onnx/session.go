package onnx

import (
	"context"
	"errors"
	"fmt"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/floorwalker/floorwalker/models/e5"
)

// environment guards the process's one ONNX Runtime, which the binding keeps in variables of its
// own; it stays loaded until the process ends.
var environment struct {
	sync.Mutex
	library string
}

// start loads ONNX Runtime unless that was done.
func start(library string) error {
	environment.Lock()
	defer environment.Unlock()
	if ort.IsInitialized() {
		if library != environment.library {
			return fmt.Errorf("onnx: this process runs on %s and can't load %s besides", environment.library, library)
		}
		return nil
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return fmt.Errorf("onnx: loading ONNX Runtime from %s; `floorwalker models pull` fetches it: %w", library, err)
	}
	environment.library = library
	return nil
}

// session is a loaded model; encode may be called by many at once.
type session struct {
	graph *ort.DynamicAdvancedSession
}

func openSession(library, model string) (s *session, err error) {
	if err := start(library); err != nil {
		return nil, err
	}
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	// Many runs at once make better use of cores than many threads in a run.
	err = errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1),
		options.SetMemPattern(false), // lengths differ, so no pattern repeats
		options.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll))
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	graph, err := ort.NewDynamicAdvancedSession(model, []string{e5.InputIDs, e5.InputMask}, []string{e5.Output}, options)
	if err != nil {
		return nil, fmt.Errorf("onnx: loading %s; if it is damaged, remove its folder and run `floorwalker models pull`: %w",
			model, err)
	}
	return &session{graph}, nil
}

func (s *session) close() error { return s.graph.Destroy() }

// encode returns a vector for each input. When ctx ends the run is stopped and ctx's cause returned.
func (s *session) encode(ctx context.Context, batch []*job, pad int32) (vectors [][]float32, err error) {
	ids, mask, length := padded(batch, pad)
	shape := ort.NewShape(int64(len(batch)), int64(length))
	idTensor, err := ort.NewTensor(shape, ids)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	defer func() { err = errors.Join(err, idTensor.Destroy()) }()
	maskTensor, err := ort.NewTensor(shape, mask)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	defer func() { err = errors.Join(err, maskTensor.Destroy()) }()
	output, err := ort.NewEmptyTensor[float32](ort.NewShape(int64(len(batch)), e5.Dim))
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	defer func() { err = errors.Join(err, output.Destroy()) }()
	if err := s.run(ctx, []ort.Value{idTensor, maskTensor}, []ort.Value{output}); err != nil {
		return nil, err
	}
	flat := output.GetData()
	vectors = make([][]float32, len(batch))
	for i := range vectors {
		vectors[i] = append([]float32(nil), flat[i*e5.Dim:(i+1)*e5.Dim]...)
	}
	return vectors, nil
}

// run runs the graph until it is done or ctx ends.
func (s *session) run(ctx context.Context, inputs, outputs []ort.Value) (err error) {
	options, err := ort.NewRunOptions()
	if err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	var stopping error
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		stopping = options.Terminate()
	})
	err = s.graph.RunWithOptions(inputs, outputs, options)
	if !stop() {
		<-stopped // it mustn't touch options once they are gone
		return errors.Join(context.Cause(ctx), stopping)
	}
	if err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	return nil
}

// padded lays a batch out as rows of equal length, with a mask that is 1 where tokens are.
func padded(batch []*job, pad int32) (ids, mask []int64, length int) {
	for _, in := range batch {
		length = max(length, len(in.ids))
	}
	ids, mask = make([]int64, len(batch)*length), make([]int64, len(batch)*length)
	for row, in := range batch {
		for i := range length {
			at := row*length + i
			ids[at] = int64(pad)
			if i < len(in.ids) {
				ids[at], mask[at] = int64(in.ids[i]), 1
			}
		}
	}
	return ids, mask, length
}
