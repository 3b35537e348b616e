// Package onnx runs encoders in this process on ONNX Runtime.
//
// A model is one session that all goroutines share. A run uses one thread, and as many run at
// once as there are cores: one goroutine for each, which the encoder owns and Close ends. What
// each call asks for waits in a queue. Texts of about one length share runs, also those of several
// calls when more wait than there are cores: a text's vector doesn't depend on what is encoded beside it.
// The queue is bounded: who finds it full waits, at most until the context ends, and so do the
// turns behind it, until the engine takes no more. What a person has just written goes before
// what is encoded in bulk. A run stops when nobody wants its vectors any more.
package onnx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

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
	Queue       int // texts that wait; 0 means 1024, and as many again in bulk
	Cache       int // results remembered, about 2 KB each; 0 means 4096, negative none

	Metrics prometheus.Registerer // nil: none
}

// Encoder is multilingual-e5-small.
type Encoder struct {
	session   *session
	tokeniser *token.Unigram
	version   string
	tokens    int // of one run
	cores     int
	queue     *queue
	memory    *memory
	metrics   *metrics
	workers   sync.WaitGroup

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
	if opts.Queue <= 0 {
		opts.Queue = 1024
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
	e := &Encoder{
		session: session, tokeniser: tokeniser, version: files.Version, tokens: opts.BatchTokens, cores: opts.Cores,
		queue: newQueue(opts.Queue), memory: newMemory(opts.Cache),
	}
	e.metrics = newMetrics(opts.Metrics, e.queue)
	for range opts.Cores {
		e.workers.Go(e.work)
	}
	return e, nil
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
	e.queue.close()
	e.workers.Wait()
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
	c := &call{ctx: ctx, vectors: make([][]float32, len(texts)), done: make(chan struct{})}
	wanted := map[string]*job{} // by text: what isn't remembered
	var jobs []*job
	for i, text := range texts {
		if v, ok := e.memory.get(key{purpose, text}); ok {
			c.vectors[i] = v
			continue
		}
		j := wanted[text]
		if j == nil {
			j = &job{key: key{purpose, text}, call: c}
			wanted[text] = j
			jobs = append(jobs, j)
		}
		j.at = append(j.at, i)
	}
	e.metrics.remembered.Add(float64(len(texts) - len(jobs)))
	if len(jobs) == 0 {
		return c.vectors, nil
	}
	c.left = len(jobs)
	for _, j := range jobs {
		var err error
		if err = ctx.Err(); err != nil {
			return nil, err
		}
		if j.ids, err = e.Tokens(purpose, j.key.text); err != nil {
			return nil, err
		}
	}
	if err := e.queue.put(ctx, e.queue.lane(purpose, len(jobs)), batches(jobs, e.tokens, e.cores)); err != nil {
		return nil, err
	}
	select {
	case <-c.done:
		if c.err != nil {
			return nil, c.err
		}
		return c.vectors, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
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

// work encodes what waits until the queue is closed.
func (e *Encoder) work() {
	for run := e.queue.take(e.tokens, e.cores); run != nil; run = e.queue.take(e.tokens, e.cores) {
		ctx, release := wantedBy(run)
		vectors, err := e.session.encode(ctx, run, e.tokeniser.Pad())
		release()
		e.metrics.runs.Inc()
		e.metrics.encoded.Add(float64(len(run)))
		for i, j := range run {
			if err != nil {
				j.answer(nil, err)
				continue
			}
			e.memory.put(j.key, vectors[i])
			j.answer(vectors[i], nil)
		}
	}
}
