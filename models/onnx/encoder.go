// Package onnx runs encoders in this process on ONNX Runtime.
//
// A model is one session that all goroutines share. A run uses one thread; as many run at
// once as there are cores, and the others wait their turn or until their context ends.
// No goroutine outlives the call that started it.
package onnx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/e5"
	"github.com/floorwalker/floorwalker/models/token"
)

// ErrClosed means that the encoder was closed before or while it was asked.
var ErrClosed = errors.New("onnx: the encoder is closed")

// Options bound what an encoder uses. The zero value is usable.
type Options struct {
	Cores       int // runs at once; 0 means GOMAXPROCS
	BatchTokens int // tokens in one run, with padding; 0 means 2048
	Cache       int // results remembered, about 2 KB each; 0 means 4096, negative none
}

// Encoder is multilingual-e5-small.
type Encoder struct {
	session   *session
	tokeniser *token.Unigram
	version   string
	tokens    int           // of one run
	turns     chan struct{} // one for each run that may go on
	memory    *memory

	closing sync.RWMutex // read by whoever encodes, written by Close
	closed  bool
}

var _ models.Encoder = (*Encoder)(nil)

// prefixes are what the model was trained to see before a text.
var prefixes = map[models.Purpose]string{models.Query: "query: ", models.Passage: "passage: "}

// Open loads the encoder from its files, in about half a second. The caller closes it. All encoders
// of a process must name the same runtime library.
func Open(files artifact.Located, opts Options) (*Encoder, error) {
	if opts.Cores <= 0 {
		opts.Cores = runtime.GOMAXPROCS(0)
	}
	if opts.BatchTokens <= 0 {
		opts.BatchTokens = 2048
	}
	if opts.Cache == 0 {
		opts.Cache = 4096
	}
	tokeniser, err := openTokeniser(files.Vocabulary)
	if err != nil {
		return nil, err
	}
	session, err := openSession(files.Runtime, files.Model)
	if err != nil {
		return nil, err
	}
	return &Encoder{
		session: session, tokeniser: tokeniser, version: files.Version, tokens: opts.BatchTokens,
		turns: make(chan struct{}, opts.Cores), memory: newMemory(opts.Cache),
	}, nil
}

func openTokeniser(path string) (*token.Unigram, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: the encoder's vocabulary; `floorwalker models pull` fetches it: %w", err)
	}
	vocabulary, err := e5.ReadVocabulary(content)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	vocabulary.Keep = e5.Kept
	return token.NewUnigram(vocabulary)
}

// Dim is the length of a vector.
func (e *Encoder) Dim() int { return e5.Dim }

// Version names weights and tokeniser by content.
func (e *Encoder) Version() string { return e.version }

// Close frees the model when what is being encoded is done.
func (e *Encoder) Close() error {
	e.closing.Lock()
	defer e.closing.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	return e.session.close()
}

// Encode returns a unit vector for each text. A text counts up to its 512th token.
//
// Activations are quantised for a whole run together, so a text's vector differs a little
// (cosine above .99) with what it was encoded beside.
func (e *Encoder) Encode(ctx context.Context, purpose models.Purpose, texts []string) ([][]float32, error) {
	if _, ok := prefixes[purpose]; !ok {
		return nil, fmt.Errorf("onnx: the encoder knows no purpose %q", purpose)
	}
	e.closing.RLock()
	defer e.closing.RUnlock()
	if e.closed {
		return nil, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	wanted := map[string][]int{} // a text that isn't remembered → where it is wanted
	for i, text := range texts {
		if v, ok := e.memory.get(key{purpose, text}); ok {
			out[i] = v
			continue
		}
		wanted[text] = append(wanted[text], i)
	}
	inputs := make([]input, 0, len(wanted))
	for i, text := range texts { // in the order of texts, so that batches don't depend on chance
		if at := wanted[text]; len(at) == 0 || at[0] != i || out[i] != nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ids, err := e.Tokens(purpose, text)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, input{text, ids})
	}
	err := e.run(ctx, batches(inputs, e.tokens, cap(e.turns)), func(text string, vector []float32) {
		for _, i := range wanted[text] {
			out[i] = append([]float32(nil), vector...)
		}
		e.memory.put(key{purpose, text}, vector)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Tokens returns the ids that the model reads for a text: its prefix and the text between start
// and end, at most [e5.MaxTokens].
func (e *Encoder) Tokens(purpose models.Purpose, text string) ([]int32, error) {
	prefix, ok := prefixes[purpose]
	if !ok {
		return nil, fmt.Errorf("onnx: the encoder knows no purpose %q", purpose)
	}
	return e.tokeniser.Encode(prefix+text, e5.MaxTokens)
}

// run encodes batches side by side and gives each vector to take, one call at a time.
func (e *Encoder) run(ctx context.Context, all [][]input, take func(text string, vector []float32)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		running sync.WaitGroup
		taking  sync.Mutex
	)
	for _, batch := range all {
		select {
		case e.turns <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() { <-e.turns }()
			vectors, err := e.session.encode(ctx, batch, e.tokeniser.Pad())
			if err != nil {
				cancel(err) // the first one counts
				return
			}
			taking.Lock()
			defer taking.Unlock()
			for i, v := range vectors {
				take(batch[i].text, v)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}
