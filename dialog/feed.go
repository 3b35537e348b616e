package dialog

import (
	"context"
	"slices"
	"sync"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Notice is one thing that a follower is told: an event, a note, wording so far, or that
// somebody is at it. One field is set.
type Notice struct {
	Event  *journal.Event
	Delta  *Delta
	Typing string // role of who is writing: bot, agent or shopper
	Note   *journal.Note
}

// Delta is wording of a reply that is not in the journal yet.
type Delta struct {
	Turn string
	Seq  int
	Text string
}

// Feed tells a follower what happens in a conversation. Events come from the journal: in
// order, once, without gaps, however slow the follower. Deltas and typing are told as they
// happen; a slow follower misses some. A Feed is used by one goroutine at a time.
type Feed struct {
	engine *Engine
	place  place
	watch  *journal.Watch
	fleet  chan fleeting

	staff   bool  // it is told to people at the desk
	after   int64 // offset of the last event told or waiting in events
	noted   int64 // the last note told or waiting in notes
	notes   []journal.Note
	events  []journal.Event
	pending *fleeting
	replied int64 // the highest offset that has a reply, of those told
}

// fleeting is a notice that isn't kept.
type fleeting struct {
	Notice
	upto int64 // the highest offset that its turn takes
	to   audience
}

// audience are those who are told what isn't kept.
type audience int

const (
	toAll audience = iota
	toShopper
	toStaff
)

// Bounds of what a Feed holds.
const (
	feedEvents = 100 // read at once
	feedNotes  = 100
	feedFleet  = 64 // deltas and typing that wait; more are lost
)

// Follow begins to follow a conversation after an offset. The caller closes the Feed.
func (e *Engine) Follow(shop, conversation string, after int64) *Feed {
	f := &Feed{
		engine: e, place: place{shop, conversation}, after: after,
		watch: e.Hub.Watch(shop, conversation), fleet: make(chan fleeting, feedFleet),
	}
	e.live.add(f)
	return f
}

// Attend is Follow for people at the desk: they are told what the shopper isn't, the notes after
// one and that the shopper is writing.
func (e *Engine) Attend(shop, conversation string, after, noted int64) *Feed {
	f := &Feed{
		engine: e, place: place{shop, conversation}, staff: true, after: after, noted: noted,
		watch: e.Hub.Watch(shop, conversation), fleet: make(chan fleeting, feedFleet),
	}
	e.live.add(f)
	return f
}

// Close ends the Feed. It may be called again, and while Next waits: it doesn't wake it, the
// end of Next's context does.
func (f *Feed) Close() {
	f.engine.live.remove(f)
	f.watch.Close()
}

// Next waits for the next notice, or for the end of ctx, whose error it returns.
func (f *Feed) Next(ctx context.Context) (Notice, error) {
	for {
		if len(f.events) > 0 {
			return f.event(), nil
		}
		if len(f.notes) > 0 {
			n := f.notes[0]
			f.notes = f.notes[1:]
			return Notice{Note: &n}, nil
		}
		if err := ctx.Err(); err != nil {
			return Notice{}, err
		}
		select {
		case <-f.watch.C: // events come before what depends on them
			if err := f.read(ctx); err != nil {
				return Notice{}, err
			}
			continue
		default:
		}
		if p := f.pending; p != nil {
			f.pending = nil
			if p.upto > f.replied {
				return p.Notice, nil
			}
			continue // its reply has been told
		}
		if err := f.wait(ctx); err != nil {
			return Notice{}, err
		}
	}
}

// wait returns when there may be something to tell.
func (f *Feed) wait(ctx context.Context) error {
	select {
	case <-f.watch.C:
		return f.read(ctx)
	case p := <-f.fleet:
		f.pending = &p
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Feed) read(ctx context.Context) error {
	events, err := f.engine.Journal.Read(ctx, f.place.shop, f.place.id, f.after, feedEvents)
	if err != nil {
		f.again() // the wake-up is not used up
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return f.engine.told("reading a conversation", err)
	}
	if len(events) == feedEvents {
		f.again() // there may be more
	}
	if len(events) > 0 {
		f.events, f.after = events, events[len(events)-1].Offset
	}
	if f.staff && len(events) < feedEvents {
		return f.readNotes(ctx)
	}
	return nil
}

// readNotes reads what people noted, once all events are read.
func (f *Feed) readNotes(ctx context.Context) error {
	notes, err := f.engine.Journal.Notes(ctx, f.place.shop, f.place.id, f.noted, feedNotes)
	if err != nil {
		f.again()
		return f.engine.toldAgent("reading notes", err)
	}
	if len(notes) == feedNotes {
		f.again()
	}
	if len(notes) > 0 {
		f.notes, f.noted = notes, notes[len(notes)-1].Seq
	}
	return nil
}

func (f *Feed) again() {
	select {
	case f.watch.C <- struct{}{}:
	default:
	}
}

func (f *Feed) event() Notice {
	e := f.events[0]
	f.events = f.events[1:]
	if e.Kind == journal.KindReply {
		if r, err := journal.Body[journal.Reply](e); err == nil && len(r.InReplyTo) > 0 {
			f.replied = max(f.replied, slices.Max(r.InReplyTo))
		}
	}
	return Notice{Event: &e}
}

// live knows who follows which conversation, for what isn't kept. The zero live is ready.
type live struct {
	mu    sync.Mutex
	feeds map[place]map[*Feed]struct{}
}

func (l *live) add(f *Feed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.feeds == nil {
		l.feeds = map[place]map[*Feed]struct{}{}
	}
	if l.feeds[f.place] == nil {
		l.feeds[f.place] = map[*Feed]struct{}{}
	}
	l.feeds[f.place][f] = struct{}{}
}

func (l *live) remove(f *Feed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.feeds[f.place], f)
	if len(l.feeds[f.place]) == 0 {
		delete(l.feeds, f.place)
	}
}

// followed reports whether a shopper's channel follows a conversation.
func (l *live) followed(p place) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.feeds[p] {
		if !f.staff {
			return true
		}
	}
	return false
}

// tell never blocks: whoever has too much waiting misses it.
func (l *live) tell(p place, n fleeting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.feeds[p] {
		if n.to == toShopper && f.staff || n.to == toStaff && !f.staff {
			continue
		}
		select {
		case f.fleet <- n:
		default:
		}
	}
}
