package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// Another process may be writing too, and SQLite has no queue of writers: who waits looks
// again and again, and who writes leaves a gap now and then in which those who wait see it.
const (
	lookEvery = time.Millisecond
	waitFor   = 30 * time.Second // for the other process, which may be applying a large import
	gapAfter  = 50 * time.Millisecond
	gap       = 3 * lookEvery
)

// job is one function that waits to be written.
type job struct {
	ctx      context.Context
	fn       func(*store.Tx) error
	result   chan error // buffered: the writer never waits for who asked
	claimed  atomic.Bool
	ours     bool // the writer's, which alone looks at it
	panicked any
}

// claim decides who has the job: the writer, or the caller whose context ended. True once.
func (j *job) claim() bool { return j.claimed.CompareAndSwap(false, true) }

// outcome is for the caller's goroutine: a panic of fn belongs there.
func (j *job) outcome(err error) error {
	if j.panicked != nil {
		panic(j.panicked)
	}
	return err
}

// writer runs jobs on its one connection.
type writer struct {
	conn  *statements
	fault *atomic.Pointer[func(int, string) error]
	since time.Time // when it began to write without a gap
}

func newWriter(conn *sql.Conn, fault *atomic.Pointer[func(int, string) error]) *writer {
	return &writer{conn: newStatements(conn), fault: fault}
}

// run writes groups of jobs until the queue is closed and empty.
func (w *writer) run(queue <-chan *job) {
	defer w.conn.close()
	for {
		select {
		case first, more := <-queue:
			if !more {
				return
			}
			w.leaveGap()
			w.commit(gather(first, queue))
		default:
			first, more := <-queue
			if !more {
				return
			}
			w.since = time.Now()
			w.commit(gather(first, queue))
		}
	}
}

// leaveGap pauses a writer that has been busy for long.
func (w *writer) leaveGap() {
	if time.Since(w.since) > gapAfter {
		<-time.After(gap)
		w.since = time.Now()
	}
}

// gather takes what waits now.
func gather(first *job, queue <-chan *job) []*job {
	group := []*job{first}
	for len(group) < groupLimit {
		select {
		case j, more := <-queue:
			if !more {
				return group
			}
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// begin begins a transaction, waiting while another process writes.
func (w *writer) begin() error {
	for deadline := time.Now().Add(waitFor); ; {
		_, err := w.conn.ExecContext(context.Background(), `BEGIN IMMEDIATE`)
		if err == nil || !busy(err) || time.Now().After(deadline) {
			return err
		}
		<-time.After(lookEvery)
	}
}

// commit runs a group in one transaction. Where a function takes the whole transaction down
// with it (a full disk does), it alone gets the error and the others run again without it.
func (w *writer) commit(group []*job) {
	for len(group) > 0 {
		culprit := w.attempt(group)
		if culprit < 0 {
			return
		}
		group = append(group[:culprit:culprit], group[culprit+1:]...)
	}
}

// attempt answers every job of the group and returns -1, or answers only the one that lost
// the transaction and returns its index.
func (w *writer) attempt(group []*job) (culprit int) {
	ctx := context.Background()
	if err := w.begin(); err != nil {
		answer(group, nil, fmt.Errorf("beginning to write: %w", classify(err)))
		return -1
	}
	errs := make([]error, len(group))
	for i, j := range group {
		if j.ours = j.ours || j.claim(); !j.ours {
			continue // its caller has gone
		}
		lost, err := w.savepoint(j)
		errs[i] = classify(err)
		if lost {
			w.rollback()
			j.result <- errs[i]
			return i
		}
	}
	if _, err := w.conn.ExecContext(ctx, `COMMIT`); err != nil {
		w.rollback()
		answer(group, errs, fmt.Errorf("committing: %w", classify(err)))
		return -1
	}
	answer(group, errs, nil)
	return -1
}

// answer tells each job its own error or, where it has none, the group's.
func answer(group []*job, errs []error, whole error) {
	for i, j := range group {
		err := whole
		if errs != nil && errs[i] != nil {
			err = errs[i]
		}
		j.result <- err
	}
}

// rollback ends a transaction if there still is one; SQLite ends some by itself, and then
// the error says only that.
func (w *writer) rollback() { _, _ = w.conn.ExecContext(context.Background(), `ROLLBACK`) }

// savepoint runs one job. lost says that the transaction is no longer there.
func (w *writer) savepoint(j *job) (lost bool, err error) {
	ctx := context.Background()
	if _, err := w.conn.ExecContext(ctx, `SAVEPOINT job`); err != nil {
		return true, err
	}
	g := &guard{ctx: j.ctx, conn: w.conn, fault: w.fault.Load()}
	err = call(j, store.NewTx(j.ctx, g, nil))
	if g.err != nil {
		err = g.err // even if fn passed over it: what came after it did not run
	}
	if err == nil && j.panicked == nil {
		if _, err = w.conn.ExecContext(ctx, `RELEASE job`); err == nil {
			return false, nil
		}
	}
	if _, gone := w.conn.ExecContext(ctx, `ROLLBACK TO job`); gone != nil {
		return true, err
	}
	_, gone := w.conn.ExecContext(ctx, `RELEASE job`)
	return gone != nil, err
}

// call runs fn and keeps a panic for the caller's goroutine.
func call(j *job, tx *store.Tx) (err error) {
	returned := false
	defer func() {
		if !returned {
			if j.panicked = recover(); j.panicked == nil {
				err = fmt.Errorf("the function ended its goroutine: %w", store.ErrUnavailable)
			}
		}
	}()
	err = j.fn(tx)
	returned = true
	return err
}
