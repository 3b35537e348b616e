package onnx

import (
	"context"
	"sync"
	"sync/atomic"

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

// lane holds jobs in the order in which they came.
type lane struct {
	room chan struct{} // one for each that waits
	jobs []*job
}

// queue holds what waits for a core: first what people wait for, then what is encoded in bulk
// (passages, examples to learn from). Each has room for as many texts; who finds none waits.
type queue struct {
	mu     sync.Mutex
	ready  *sync.Cond
	lanes  [2]lane
	closed bool
}

func newQueue(length int) *queue {
	q := &queue{}
	q.ready = sync.NewCond(&q.mu)
	for i := range q.lanes {
		q.lanes[i].room = make(chan struct{}, length)
	}
	return q
}

// lane is where the jobs of a call wait.
func (q *queue) lane(purpose models.Purpose, texts int) *lane {
	if purpose == models.Query && texts <= urgent {
		return &q.lanes[0]
	}
	return &q.lanes[1]
}

// put adds jobs, as many at once as there is room for; the error is ctx's.
func (q *queue) put(ctx context.Context, l *lane, jobs []*job) error {
	for len(jobs) > 0 {
		select {
		case l.room <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		n := 1
		for n < len(jobs) && l.more() {
			n++
		}
		q.mu.Lock()
		l.jobs = append(l.jobs, jobs[:n]...)
		q.mu.Unlock()
		q.ready.Broadcast()
		jobs = jobs[n:]
	}
	return nil
}

// more takes room for one job if there is any.
func (l *lane) more() bool {
	select {
	case l.room <- struct{}{}:
		return true
	default:
		return false
	}
}

// take waits for jobs and returns those of one run; none once the queue is closed. What nobody
// wants any more is dropped.
func (q *queue) take(most, cores int) []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for i := range q.lanes {
			l := &q.lanes[i]
			before := len(l.jobs)
			wanted := l.jobs[:0]
			for _, j := range l.jobs {
				if !j.call.failed() {
					wanted = append(wanted, j)
				}
			}
			clear(l.jobs[len(wanted):])
			var run []*job
			run, l.jobs = pick(wanted, most, cores)
			for range before - len(l.jobs) {
				<-l.room
			}
			if len(run) > 0 {
				return run
			}
		}
		if q.closed {
			return nil
		}
		q.ready.Wait()
	}
}

func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.lanes[0].jobs) + len(q.lanes[1].jobs)
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
