package onnx

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"github.com/floorwalker/floorwalker/models"
)

// job is one text to be encoded.
type job struct {
	key  key
	ids  []int32 // of its tokens
	call *call
	at   []int // where its vector is wanted
}

// call is one call of Encode.
type call struct {
	ctx context.Context

	mu      sync.Mutex
	vectors [][]float32
	left    int // jobs without an answer
	err     error
	done    chan struct{} // closed when none is left, or one failed
}

// answer gives a job its vector, or its error.
func (j *job) answer(vector []float32, err error) {
	c := j.call
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	for _, i := range j.at {
		c.vectors[i] = append([]float32(nil), vector...)
	}
	if c.left--; c.left == 0 || err != nil {
		c.err = err
		close(c.done)
	}
}

// failed reports whether nobody wants the call's vectors any more.
func (c *call) failed() bool {
	if c.ctx.Err() != nil {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil
}

// urgent is the most texts of a call that goes before others: what a person has just written.
const urgent = 16

// lane holds batches in the order in which they came.
type lane struct {
	room    *semaphore.Weighted // one for each text that waits
	waiting []*batch
}

// queue holds what waits for a core: first what people wait for, then what is encoded in bulk
// (passages, examples to learn from). Each has room for as many texts; who finds none waits.
type queue struct {
	length int
	mu     sync.Mutex
	ready  *sync.Cond
	lanes  [2]lane
	closed bool
}

func newQueue(length int) *queue {
	q := &queue{length: length}
	q.ready = sync.NewCond(&q.mu)
	for i := range q.lanes {
		q.lanes[i].room = semaphore.NewWeighted(int64(length))
	}
	return q
}

// lane is where the batches of a call wait.
func (q *queue) lane(purpose models.Purpose, texts int) *lane {
	if purpose == models.Query && texts <= urgent {
		return &q.lanes[0]
	}
	return &q.lanes[1]
}

// put adds batches, each once there is room for it; the error is ctx's.
func (q *queue) put(ctx context.Context, l *lane, batches []*batch) error {
	for _, b := range batches {
		if err := l.room.Acquire(ctx, q.size(b)); err != nil {
			return err
		}
		q.mu.Lock()
		l.waiting = append(l.waiting, b)
		q.mu.Unlock()
		q.ready.Signal()
	}
	return nil
}

// size is the room that a batch takes; one that is larger than the queue takes all of it.
func (q *queue) size(b *batch) int64 { return int64(min(len(b.jobs), q.length)) }

// take waits for batches and returns those of one run; none once the queue is closed. What nobody
// wants any more is dropped.
func (q *queue) take(most, cores int) []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for i := range q.lanes {
			l := &q.lanes[i]
			before := l.size(q)
			l.waiting = slices.DeleteFunc(l.waiting, func(b *batch) bool { return b.jobs[0].call.failed() })
			var run *batch
			run, l.waiting = pick(l.waiting, most, cores)
			if freed := before - l.size(q); freed > 0 {
				l.room.Release(freed)
			}
			if run != nil {
				return run.jobs
			}
		}
		if q.closed {
			return nil
		}
		q.ready.Wait()
	}
}

func (l *lane) size(q *queue) (n int64) {
	for _, b := range l.waiting {
		n += q.size(b)
	}
	return n
}

// texts is how many wait.
func (q *queue) texts() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.lanes {
		for _, b := range l.waiting {
			n += len(b.jobs)
		}
	}
	return n
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.ready.Broadcast()
}

// wantedBy returns a context that ends when the contexts of all calls of a run have.
func wantedBy(run []*job) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := map[*call]bool{}
	for _, j := range run {
		calls[j.call] = true
	}
	var left atomic.Int64
	left.Store(int64(len(calls)))
	stops := make([]func() bool, 0, len(calls))
	for c := range calls {
		stops = append(stops, context.AfterFunc(c.ctx, func() {
			if left.Add(-1) == 0 {
				cancel()
			}
		}))
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}
