package websocket

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// A connection may send this many frames a second, and so many at once, before it is
// told to slow down. The limit a conversation has is the engine's.
const (
	framesPerSecond = 50
	framesAtOnce    = 200
	badFramesInARow = 5
)

// session is one connection.
type session struct {
	server       *Server
	ws           *websocket.Conn
	origin, host string
	from         netip.Addr // who begins conversations here
	frames       *rate.Limiter

	// Set by hello, before the follower starts.
	shop, conversation string
	agent              *agent // nil: a shopper's connection

	mu      sync.Mutex // held to write, and from an utterance's journalling to its `accepted`
	closing atomic.Bool
}

func newSession(s *Server, ws *websocket.Conn, r *http.Request) *session {
	return &session{server: s, ws: ws, origin: r.Header.Get("Origin"), host: r.Host, from: s.Begins.Who(r), frames: rate.NewLimiter(framesPerSecond, framesAtOnce)}
}

// run serves the connection until it or ctx ends.
func (c *session) run(ctx context.Context) {
	defer c.linger()
	ctx, cancel := context.WithCancel(ctx)
	var follower sync.WaitGroup
	defer follower.Wait()
	defer cancel()
	c.ws.SetReadLimit(c.server.Frame)

	after, epoch, ok := c.hello(ctx)
	if !ok {
		return
	}
	if c.agent != nil {
		c.agent.serve(ctx)
		return
	}
	feed := c.server.Engine.Follow(c.shop, c.conversation, after)
	defer feed.Close()
	follower.Go(func() { c.follow(ctx, feed, epoch) })
	follower.Go(func() { c.ping(ctx) })
	c.read(ctx)
}

// hello waits for the first frame and answers it. It returns the offset after which the
// client wants events.
func (c *session) hello(ctx context.Context) (after int64, epoch string, ok bool) {
	c.wait(c.server.HelloWait)
	f, err := c.next()
	if err != nil {
		c.close(websocket.ClosePolicyViolation, "want a hello")
		return 0, "", false
	}
	if f.Type != "hello" {
		c.write(channels.Refusal(f.ID, &dialog.Error{Code: dialog.BadFrame, Message: "the first frame must be a hello"}))
		c.close(websocket.ClosePolicyViolation, "want a hello")
		return 0, "", false
	}
	welcome, err := c.enter(ctx, f)
	if err != nil {
		refusal := channels.Refusal(f.ID, err)
		if refusal.Code == string(dialog.Internal) {
			c.server.Logger.Error("hello", "shop", f.Shop, "error", err)
		}
		c.write(refusal)
		c.close(closeCode(refusal.Code), refusal.Code)
		return 0, "", false
	}
	c.shop, c.conversation = f.Shop, welcome.Conversation
	if c.agent != nil {
		return 0, "", true
	}
	after, reset := resumeAt(f.Resume, welcome)
	err = c.write(channels.Welcome(f.Shop, welcome, reset))
	return after, welcome.Epoch, err == nil
}

// enter begins or resumes the conversation that a hello asks for.
func (c *session) enter(ctx context.Context, f frame) (dialog.Welcome, error) {
	if !slices.Contains(c.server.Shops(), f.Shop) { // before anything is looked up under that name
		return dialog.Welcome{}, &dialog.Error{Code: dialog.NotFound, Message: "no shop of that id is served here"}
	}
	if !c.server.origin(f.Shop, c.origin, c.host) {
		return dialog.Welcome{}, &dialog.Error{Code: dialog.Forbidden, Message: "pages of " + c.origin + " may not talk to this shop"}
	}
	var who catalog.Identity
	if f.Token != "" {
		claims, err := c.server.Keys.Verify(f.Shop, f.Token, c.server.Now())
		if err != nil {
			return dialog.Welcome{}, err
		}
		if claims.Role == channels.RoleAgent {
			return dialog.Welcome{}, c.comeAsAgent(claims)
		}
		who = claims.Identity()
	}
	if f.Conversation != "" {
		return c.server.Engine.Resume(ctx, f.Shop, f.Conversation, dialog.Proof{Secret: f.Secret, Identity: who})
	}
	if err := c.server.Begins.Take(c.from); err != nil {
		return dialog.Welcome{}, err
	}
	return c.server.Engine.Begin(ctx, dialog.Opening{Shop: f.Shop, Locale: f.Locale, Channel: "websocket", Identity: who})
}

// resumeAt says after which offset events come, and whether the client's place is gone.
func resumeAt(r *resume, w dialog.Welcome) (after int64, reset bool) {
	if r == nil {
		return 0, false
	}
	return channels.ResumeAt(r.Place, w)
}

// read takes frames until the connection ends.
func (c *session) read(ctx context.Context) {
	c.alive()
	c.ws.SetPongHandler(func(string) error { c.alive(); return nil })
	for {
		f, err := c.next()
		if err != nil {
			return
		}
		c.alive()
		c.handle(ctx, f)
	}
}

// handle does what one frame asks for.
func (c *session) handle(ctx context.Context, f frame) {
	if !c.frames.AllowN(c.server.Now(), 1) {
		c.count(f.Type, "rate_limited")
		if f.Type != "typing" {
			c.write(channels.Refusal(f.ID, &dialog.Error{Code: dialog.RateLimited, Message: "too many frames at once", RetryAfter: time.Second}))
		}
		return
	}
	if c.agent != nil {
		c.agent.handle(ctx, f)
		return
	}
	switch f.Type {
	case "message", "choose":
		c.say(ctx, f)
	case "typing":
		c.server.Engine.Typing(c.shop, c.conversation)
		c.count(f.Type, "ok")
	case "feedback":
		c.accept(f, func() (dialog.Receipt, error) {
			return c.server.Engine.Feedback(ctx, dialog.Rating{Shop: c.shop, Conversation: c.conversation,
				Feedback: journal.Feedback{ID: f.ID, Turn: f.Turn, Rating: f.Rating, Comment: f.Comment}})
		})
	case "hello":
		c.refuse(f, "hello was said already")
	default:
		c.refuse(f, "unknown frame type")
	}
}

// say journals an utterance.
func (c *session) say(ctx context.Context, f frame) {
	u := dialog.Utterance{Shop: c.shop, Conversation: c.conversation, Role: journal.RoleShopper, ID: f.ID, Text: f.Text}
	if f.Type == "choose" {
		if f.Choice == "" {
			c.refuse(f, "a choose frame needs a choice")
			return
		}
		u.Choice = f.Choice
	}
	c.accept(f, func() (dialog.Receipt, error) { return c.server.Engine.Say(ctx, u) })
}

// accept does something that journals, and answers `accepted` before any event that follows
// from it can leave. It reports whether that was done.
func (c *session) accept(f frame, do func() (dialog.Receipt, error)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	receipt, err := do()
	if err != nil {
		refusal := channels.Refusal(f.ID, err)
		c.count(f.Type, refusal.Code)
		if refusal.Code == string(dialog.Internal) {
			c.server.Logger.Error("utterance", "conversation", c.conversation, "error", err)
		}
		c.writeLocked(refusal)
		return false
	}
	c.count(f.Type, "ok")
	accepted := channels.AcceptedFrame{Type: "accepted", ID: f.ID, Offset: receipt.Offset}
	if c.agent != nil {
		accepted.Conversation = f.Conversation
	}
	c.writeLocked(accepted)
	return true
}

func (c *session) refuse(f frame, why string) {
	c.count("other", string(dialog.BadFrame))
	c.write(channels.Refusal(f.ID, &dialog.Error{Code: dialog.BadFrame, Message: why}))
}

// follow sends what happens in the conversation until the connection or ctx ends.
func (c *session) follow(ctx context.Context, feed *dialog.Feed, epoch string) {
	for {
		n, err := feed.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				c.server.Logger.Error("following a conversation", "conversation", c.conversation, "error", err)
				c.close(websocket.CloseTryAgainLater, "try again later")
			}
			return
		}
		if err := c.notice(n, epoch); err != nil {
			c.drop(err)
			return
		}
	}
}

func (c *session) notice(n dialog.Notice, epoch string) error {
	switch {
	case n.Event != nil:
		data, err := channels.EventFrame(epoch, *n.Event)
		if err != nil {
			return err
		}
		return c.write(json.RawMessage(data))
	case n.Delta != nil:
		return c.write(channels.DeltaFrame{Type: "delta", Turn: n.Delta.Turn, Seq: n.Delta.Seq, Text: n.Delta.Text})
	case n.Typing != "":
		return c.write(channels.TypingFrame{Type: "typing", Role: n.Typing})
	}
	return nil
}

// ping keeps the connection alive and finds out when it isn't.
func (c *session) ping(ctx context.Context) {
	tick := time.NewTicker(c.server.PingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.server.WriteWait)); err != nil {
				c.drop(err)
				return
			}
		}
	}
}

// alive puts off the moment at which a silent connection counts as lost.
func (c *session) alive() { c.wait(2*c.server.PingEvery + c.server.WriteWait) }

// lastWait is how long a client may take to answer the close frame.
const lastWait = time.Second

// wait says how long the next frame may take. On a connection that is being closed that is
// settled already.
func (c *session) wait(d time.Duration) {
	if c.closing.Load() {
		return
	}
	c.ws.SetReadDeadline(time.Now().Add(d))
	if c.closing.Load() { // meanwhile
		c.ws.SetReadDeadline(time.Now().Add(lastWait))
	}
}

// drop ends a connection that can't be written to, which wakes its reader. After the close
// frame nothing can be written either, but then the client is to read that frame.
func (c *session) drop(err error) {
	if !errors.Is(err, websocket.ErrCloseSent) {
		c.ws.Close()
	}
}

// next reads the next frame that is sound. Broken ones are refused, and so many in a row close
// the connection. Its error means that the connection has ended.
func (c *session) next() (frame, error) {
	for bad := 1; ; bad++ {
		f, err := c.receive()
		var refused *dialog.Error
		if !errors.As(err, &refused) {
			return f, err
		}
		c.count("none", string(refused.Code))
		c.write(channels.Refusal(f.ID, err))
		if bad == badFramesInARow {
			c.close(websocket.ClosePolicyViolation, "too many broken frames")
			return frame{}, err
		}
	}
}

// receive reads one frame. A *dialog.Error means that the frame was broken and the connection
// is not.
func (c *session) receive() (frame, error) {
	kind, data, err := c.ws.ReadMessage()
	if err != nil {
		return frame{}, err
	}
	if kind != websocket.TextMessage {
		return frame{}, &dialog.Error{Code: dialog.BadFrame, Message: "want text frames"}
	}
	return decode(data)
}

func (c *session) write(v any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writeLocked(v)
}

// writeLocked sends one frame; an error means that the connection is lost, which the reader
// finds out too.
func (c *session) writeLocked(v any) error {
	data, raw := v.(json.RawMessage)
	if !raw {
		var err error
		if data, err = json.Marshal(v); err != nil {
			return err
		}
	}
	c.ws.SetWriteDeadline(time.Now().Add(c.server.WriteWait))
	return c.ws.WriteMessage(websocket.TextMessage, data)
}

// close says why the connection ends; the reader ends it when the client's answer came or
// lastWait has passed. Only the first reason counts.
func (c *session) close(code int, why string) {
	if c.closing.Swap(true) {
		return
	}
	// The close frame is a courtesy: the connection ends whether it leaves or not.
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(lastWait))
	c.ws.SetReadDeadline(time.Now().Add(lastWait))
}

// linger takes what is still coming, for a bounded while, before it closes: closing on unread
// bytes resets the connection, and the client never reads why.
func (c *session) linger() {
	defer c.ws.Close()
	conn := c.ws.NetConn()
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	conn.SetReadDeadline(time.Now().Add(lastWait))
	_, _ = io.CopyN(io.Discard, conn, 4<<20) // whatever ends it, the connection ends
}

func (c *session) count(kind, result string) {
	switch kind {
	case "message", "choose", "typing", "feedback", "none", "take", "release", "transfer", "note", "follow", "unfollow":
	default:
		kind = "other" // a stranger's words are no label values
	}
	c.server.frames.WithLabelValues(kind, result).Inc()
}

// closeCode is what a refused hello closes with.
func closeCode(code string) int {
	switch dialog.Code(code) {
	case dialog.Unavailable, dialog.Internal, dialog.RateLimited:
		return websocket.CloseTryAgainLater
	case dialog.ShuttingDown:
		return websocket.CloseGoingAway
	}
	return websocket.ClosePolicyViolation
}
