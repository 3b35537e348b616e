package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// outstanding is how many messages of a stream are worked on at once.
const outstanding = 256

// follow handles every message of a stream, those of one subject one after the other: a person's messages,
// a conversation's events. A message is handled until that succeeds or fails for good; how far all are is kept, and whatever a process
// left undone the next one does. So a message may come twice, and never out of order.
func (g *gateway) follow(ctx context.Context, stream string, handle func(context.Context, jetstream.Msg) error) {
	f := &follower{gateway: g, name: "position." + stream, lanes: map[string][]jetstream.Msg{}, room: make(chan struct{}, outstanding), handle: handle}
	defer f.working.Wait()
	if g.try(ctx, f.load) != nil {
		return
	}
	_ = g.try(ctx, func(once context.Context) error { return f.read(ctx, once, stream) }) // ends with ctx
}

type follower struct {
	*gateway
	name   string
	handle func(context.Context, jetstream.Msg) error
	room   chan struct{}

	working sync.WaitGroup
	mu      sync.Mutex
	lanes   map[string][]jetstream.Msg // by subject, what waits; a lane that is there is being worked on
	undone  []uint64                   // sequences, in order
	last    uint64                     // sequence that was read
}

// load reads how far the processes before came.
func (f *follower) load(ctx context.Context) error {
	entry, err := f.store.Get(ctx, f.name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	f.last, err = strconv.ParseUint(string(entry.Value()), 10, 64)
	return err
}

// read reads the stream from where it was until ctx ends or an error.
func (f *follower) read(ctx, once context.Context, stream string) error {
	once, cancel := context.WithTimeout(once, 5*time.Second)
	defer cancel()
	if _, err := f.js.Stream(once, stream); err != nil {
		return err // Floorwalker makes it as it starts
	}
	consumer, err := f.js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: f.last + 1})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(outstanding))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		about, err := m.Metadata()
		if err != nil {
			return err
		}
		select {
		case f.room <- struct{}{}:
			f.add(ctx, m, about.Sequence.Stream)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// add puts a message into its lane.
func (f *follower) add(ctx context.Context, m jetstream.Msg, sequence uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = sequence
	f.undone = append(f.undone, sequence)
	lane := m.Subject()
	waiting, worked := f.lanes[lane]
	f.lanes[lane] = append(waiting, m)
	if !worked {
		f.working.Go(func() { f.work(ctx, lane) })
	}
}

// work empties a lane. When ctx ends, what waits is left to the next process.
func (f *follower) work(ctx context.Context, lane string) {
	for {
		f.mu.Lock()
		if len(f.lanes[lane]) == 0 {
			delete(f.lanes, lane)
			f.mu.Unlock()
			return
		}
		m := f.lanes[lane][0]
		f.lanes[lane] = f.lanes[lane][1:]
		f.mu.Unlock()
		err := ctx.Err()
		if err == nil {
			err = f.try(ctx, func(context.Context) error { return f.handle(ctx, m) })
		}
		<-f.room
		if err != nil && ctx.Err() != nil {
			continue
		}
		if err != nil {
			f.log.Error("a message can't be handled and is left out", "subject", m.Subject(), "error", err)
		}
		f.done(ctx, m)
	}
}

// done notes that a message is done, and keeps how far all are.
func (f *follower) done(ctx context.Context, m jetstream.Msg) {
	about, err := m.Metadata()
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.undone = slices.DeleteFunc(f.undone, func(s uint64) bool { return s == about.Sequence.Stream })
	upTo := f.last
	if len(f.undone) > 0 {
		upTo = f.undone[0] - 1
	}
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := f.store.PutString(keep, f.name, strconv.FormatUint(upTo, 10)); err != nil {
		f.log.Warn("a position isn't kept; what follows keeps it, or is done again", "position", f.name, "error", err)
	}
}

// lastToken is the person or conversation that a message is of.
func lastToken(m jetstream.Msg) string {
	return m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:]
}
