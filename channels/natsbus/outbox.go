package natsbus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// outbox passes the events of one shop on to JetStream: each at least once, in order within a
// conversation, one after the other. How far it has come is kept in the journal.
//
// A message that JetStream has, and whose acknowledgement was lost, isn't there twice: while
// it is new the server knows it by its Nats-Msg-Id; later the conversation's last message on
// the stream tells how far it had come.
type outbox struct {
	*Bus
	shop  string
	awake chan struct{} // holds at most one wake-up
	made  bool          // the streams are there
}

// Bounds and times of an outbox.
const (
	atOnce    = 64                     // conversations looked at
	abreast   = 16                     // of those published at once
	readsOf   = 100                    // events
	gather    = 20 * time.Millisecond  // between two looks, so that positions are kept together
	lookAgain = 5 * time.Second        // for what other processes wrote
	retry     = 500 * time.Millisecond // after an error, doubled up to lookAgain
	ackWait   = 5 * time.Second

	remembers = 10 * time.Minute // how long JetStream knows message ids
	doubtful  = time.Minute      // age of an event that may have been published before those ids were forgotten; ackWait and more less than remembers
)

func newOutbox(b *Bus, shop string) *outbox {
	return &outbox{Bus: b, shop: shop, awake: make(chan struct{}, 1)}
}

// wake has it look for events.
func (o *outbox) wake() {
	select {
	case o.awake <- struct{}{}:
	default:
	}
}

// run passes events on until ctx ends, and then, within leave, what is left.
func (o *outbox) run(ctx context.Context) {
	watch := o.Hub.All()
	defer watch.Close()
	wait, failing := lookAgain, time.Duration(0)
	for {
		timer := time.NewTimer(wait)
		select {
		case <-watch.C:
		case <-o.awake:
			failing = 0
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), leave)
			defer cancel()
			_ = o.pass(last) // what is left is passed on by the next process
			return
		}
		wait = lookAgain
		if err := o.pass(ctx); err != nil && ctx.Err() == nil {
			failing = min(max(2*failing, retry), lookAgain)
			o.Logger.Warn("NATS: events wait to be passed on", "shop", o.shop, "error", err, "again_in", failing)
			o.made = false
			o.rest(ctx, failing)
			o.wake()
			continue
		}
		failing = 0
		o.rest(ctx, gather)
	}
}

// rest waits a while, or until there is a connection again.
func (o *outbox) rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// pass publishes all that waits. Without a connection it does nothing: whoever connects wakes it.
func (o *outbox) pass(ctx context.Context) error {
	if !o.nc.IsConnected() {
		return nil
	}
	if err := o.streams(ctx); err != nil {
		return err
	}
	for after := ""; ; {
		waiting, err := o.Outbox.Waiting(ctx, o.shop, after, atOnce)
		if err != nil {
			return err
		}
		if len(waiting) == 0 {
			return nil
		}
		after = waiting[len(waiting)-1].ID
		err = o.publishAll(ctx, waiting)
		err = errors.Join(err, o.Outbox.Pass(context.WithoutCancel(ctx), o.shop, waiting))
		if err != nil || len(waiting) < atOnce {
			return err
		}
	}
}

// publishAll moves each position as far as it comes.
func (o *outbox) publishAll(ctx context.Context, waiting []journal.Position) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(abreast)
	for i := range waiting {
		group.Go(func() error {
			if err := o.conversation(ctx, &waiting[i]); err != nil {
				return fmt.Errorf("conversation %s: %w", waiting[i].ID, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// conversation publishes what waits of one conversation.
func (o *outbox) conversation(ctx context.Context, p *journal.Position) error {
	for sure := false; ; {
		events, err := o.Outbox.Read(ctx, o.shop, p.ID, p.Passed, readsOf)
		if err != nil {
			return err
		}
		if len(events) > 0 && !sure && o.Now().Sub(events[0].At) > doubtful {
			sure = true
			there, err := o.there(ctx, p)
			if err != nil {
				return err
			}
			if there > p.Passed {
				p.Passed = there
				continue
			}
		}
		for _, e := range events {
			if err := o.event(ctx, p, e); err != nil {
				return err
			}
			p.Passed = e.Offset
		}
		if len(events) < readsOf {
			return nil
		}
	}
}

// event publishes one event and waits until it is kept.
func (o *outbox) event(ctx context.Context, p *journal.Position, e journal.Event) error {
	frame, err := channels.EventFrame(p.Epoch, e)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	m := &nats.Msg{Subject: subject(o.shop, "conversation."+p.ID), Data: frame}
	if _, err := o.js.PublishMsg(ctx, m, jetstream.WithMsgID(messageID(p, e.Offset)), jetstream.WithRetryAttempts(0)); err != nil {
		return err
	}
	o.metrics.passed.Inc()
	if e.Kind == journal.KindAction {
		if a, err := journal.Body[journal.Action](e); err == nil {
			o.tellRecord(ctx, o.shop, a.Record)
		}
	}
	return nil
}

func messageID(p *journal.Position, offset int64) string {
	return fmt.Sprintf("%s/%s/%d", p.ID, p.Epoch, offset)
}

// there is the offset of the last event of a conversation on the stream, of this epoch; 0: none.
func (o *outbox) there(ctx context.Context, p *journal.Position) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	stream, err := o.js.Stream(ctx, streamName(o.shop))
	if err != nil {
		return 0, err
	}
	m, err := stream.GetLastMsgForSubject(ctx, subject(o.shop, "conversation."+p.ID))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	offset, ok := strings.CutPrefix(m.Header.Get(jetstream.MsgIDHeader), p.ID+"/"+p.Epoch+"/")
	n, err := strconv.ParseInt(offset, 10, 64)
	if !ok || err != nil || n > p.Last {
		return 0, nil // of another history
	}
	return n, nil
}

func streamName(shop string) string { return "floorwalker-" + shop }

// Bounds of what streams keep. The journal keeps conversations; the stream hands them on.
const (
	eventsFor = 30 * 24 * time.Hour
	deadFor   = 30 * 24 * time.Hour
	deadMost  = 10_000
	deadBytes = 64 << 20
)

// streams makes the shop's streams unless they are there: whoever made them before may have
// chosen other bounds.
func (o *outbox) streams(ctx context.Context) error {
	if o.made {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	for _, c := range []jetstream.StreamConfig{
		{Name: streamName(o.shop), Description: "Events of every conversation of shop " + o.shop,
			Subjects: []string{subject(o.shop, "conversation.*")}, MaxAge: eventsFor, Duplicates: remembers, AllowDirect: true},
		{Name: streamName(o.shop) + "-dead", Description: "Messages to shop " + o.shop + " that couldn't be used",
			Subjects: []string{subject(o.shop, "dead")}, MaxAge: deadFor, MaxMsgs: deadMost, MaxBytes: deadBytes},
	} {
		_, err := o.js.Stream(ctx, c.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			_, err = o.js.CreateStream(ctx, c)
		}
		if err != nil {
			return fmt.Errorf("stream %s: %w", c.Name, err)
		}
	}
	o.made = true
	return nil
}
