package onnx

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/floorwalker/floorwalker/models"
)

// jobsOf makes the jobs of one call, by how many tokens each has.
func jobsOf(ctx context.Context, lengths ...int) []*job {
	c := &call{ctx: ctx, vectors: make([][]float32, len(lengths)), left: len(lengths), done: make(chan struct{})}
	jobs := make([]*job, len(lengths))
	for i, n := range lengths {
		jobs[i] = &job{key: key{models.Query, fmt.Sprint(n)}, ids: make([]int32, n), call: c, at: []int{i}}
	}
	return jobs
}

// batchesOf puts each text of a call into a batch of its own.
func batchesOf(ctx context.Context, lengths ...int) (out []*batch) {
	for _, j := range jobsOf(ctx, lengths...) {
		out = append(out, &batch{[]*job{j}, len(j.ids), len(j.ids)})
	}
	return out
}

func lengths(jobs []*job) (out []int) {
	for _, j := range jobs {
		out = append(out, len(j.ids))
	}
	return out
}

func TestACallsTextsShareRunsByLength(t *testing.T) {
	for _, c := range []struct {
		name        string
		most, cores int
		texts       []int
		want        [][]int
	}{
		{"nothing", 1024, 2, nil, nil},
		{"one", 1024, 2, []int{16}, [][]int{{16}}},
		{"by length, the longest first", 1024, 1, []int{16, 80, 18, 14, 90}, [][]int{{80, 90}, {14, 16, 18}}},
		{"padding counts", 64, 1, []int{16, 20, 16, 16, 16}, [][]int{{20}, {16, 16, 16, 16}}},
		{"longer than a run, alone", 64, 1, []int{500, 500}, [][]int{{500}, {500}}},
		{"cores share them", 1024, 2, slices.Repeat([]int{16}, 10), [][]int{slices.Repeat([]int{16}, 5), slices.Repeat([]int{16}, 5)}},
		{"but not what is hardly worth a run", 1024, 2, slices.Repeat([]int{8}, 6), [][]int{slices.Repeat([]int{8}, 6)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got [][]int
			for _, b := range batches(jobsOf(t.Context(), c.texts...), c.most, c.cores) {
				got = append(got, lengths(b.jobs))
			}
			if !slices.EqualFunc(got, c.want, slices.Equal) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestSeveralCallsShareARunWhereMoreWaitThanThereAreCores(t *testing.T) {
	few := batchesOf(t.Context(), 16, 16)
	if run, left := pick(few, 1024, 2); len(run.jobs) != 1 || len(left) != 1 {
		t.Errorf("with a core for each %d texts ran together, and %d were left", len(run.jobs), len(left))
	}
	crowded := batchesOf(t.Context(), append(slices.Repeat([]int{16}, 8), 90, 18)...)
	run, left := pick(crowded, 1024, 2)
	if len(run.jobs) != 9 || len(left) != 1 || left[0].longest != 90 {
		t.Errorf("%v ran together, and %d were left", lengths(run.jobs), len(left))
	}
	if run, _ := pick(crowded, 64, 2); len(run.jobs) != 4 {
		t.Errorf("%v have more than 64 tokens", lengths(run.jobs))
	}
	if len(crowded[0].jobs) != 1 {
		t.Error("a batch was changed")
	}
}

func TestWhoFindsTheQueueFullWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(2)
		l := q.lane(models.Query, 3)
		put := make(chan error, 1)
		go func() { put <- q.put(t.Context(), l, batchesOf(t.Context(), 10, 10, 10)) }()
		synctest.Wait()
		if len(put) > 0 || q.texts() != 2 {
			t.Fatalf("%d wait in a queue for 2, and all are in: %v", q.texts(), len(put) > 0)
		}
		impatient, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error, 1)
		go func() { gaveUp <- q.put(impatient, l, batchesOf(impatient, 10)) }()
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		if run := q.take(1024, 2); len(run) != 1 {
			t.Fatalf("took %d", len(run))
		}
		if err := <-put; err != nil {
			t.Error(err)
		}
		if q.texts() != 2 {
			t.Errorf("%d wait; the third was to be there", q.texts())
		}
		for range 2 {
			q.take(1024, 2)
		}
		q.close()
		if run := q.take(1024, 2); run != nil {
			t.Errorf("a closed queue gave %d", len(run))
		}
	})
}

func TestWhatAPersonWroteGoesBeforeWhatIsEncodedInBulk(t *testing.T) {
	q := newQueue(100)
	put := func(purpose models.Purpose, lengths ...int) {
		t.Helper()
		if err := q.put(t.Context(), q.lane(purpose, len(lengths)), batchesOf(t.Context(), lengths...)); err != nil {
			t.Fatal(err)
		}
	}
	put(models.Passage, 30)                            // a product
	put(models.Query, slices.Repeat([]int{20}, 40)...) // examples to learn from
	put(models.Query, 11)                              // somebody writes
	if run := q.take(1024, 1); !slices.Equal(lengths(run), []int{11}) {
		t.Errorf("first came %v", lengths(run))
	}
	if run := q.take(1024, 1); len(run) == 0 || len(run[0].ids) != 30 {
		t.Errorf("then came %v", lengths(run))
	}
}

func TestWhatNobodyWantsIsDropped(t *testing.T) {
	q := newQueue(4)
	gone, cancel := context.WithCancel(t.Context())
	there := batchesOf(t.Context(), 10)
	for _, some := range [][]*batch{batchesOf(gone, 10, 10, 10), there} {
		if err := q.put(t.Context(), q.lane(models.Query, len(some)), some); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if run := q.take(1024, 1); !slices.Equal(run, there[0].jobs) {
		t.Errorf("the run has %d texts", len(run))
	}
	if err := q.put(t.Context(), q.lane(models.Query, 4), batchesOf(t.Context(), 10, 10, 10, 10)); err != nil || q.texts() != 4 {
		t.Errorf("no room was given back: %d wait, %v", q.texts(), err)
	}
}

func TestARunEndsWhenAllWhoWantItHaveGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, leaves := context.WithCancel(t.Context())
		second, leavesToo := context.WithCancel(t.Context())
		ctx, release := wantedBy(append(jobsOf(first, 10, 10), jobsOf(second, 10)...))
		defer release()
		leaves()
		synctest.Wait()
		if ctx.Err() != nil {
			t.Error("one who left ended another's run")
		}
		leavesToo()
		synctest.Wait()
		if ctx.Err() == nil {
			t.Error("the run goes on for nobody")
		}
	})
}

func TestAFailedRunIsAnErrorForEachOfItsCalls(t *testing.T) {
	jobs := append(jobsOf(t.Context(), 10, 10), jobsOf(t.Context(), 10)...)
	broken := errors.New("broken")
	for _, j := range jobs {
		j.answer(nil, broken)
	}
	for _, j := range jobs {
		<-j.call.done
		if !errors.Is(j.call.err, broken) {
			t.Errorf("got %v", j.call.err)
		}
	}
}
