package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
)

// operation is one thing that can be asked for: how it is served and how it is described.
type operation struct {
	method, path string
	name         string // of the document, and of measurements
	about        string
	do           func(*exchange) error

	proof   proof // what a caller has to bring
	given   []given
	in      any // a value of what the body is read into; nil: there is no body
	status  int
	out     any // a value of what is answered
	refuses []dialog.Code
}

// proof is what a request brings as its Authorization.
type proof int

const (
	mayBring     proof = iota // a customer's token, or nothing
	conversation              // the conversation's secret, or its customer's token
	configured                // the token in the configuration
)

// given is a parameter beside the body.
type given struct {
	name, in string // in: path, query or header; a query's may be left out, unless it says otherwise
	about    string
	pattern  string
	required bool
}

// operations are all there is.
var operations = []operation{
	{method: http.MethodPost, path: "/v1/conversations", name: "begin",
		about: "Begin a conversation. With a customer's token it is that customer's; else its secret opens it, which is told this once.",
		do:    (*exchange).begins, proof: mayBring, in: beginning{}, status: http.StatusCreated, out: begun{},
		refuses: []dialog.Code{dialog.BadFrame, dialog.Unauthorized, dialog.Forbidden, dialog.NotFound, dialog.TooLarge, dialog.RateLimited}},
	{method: http.MethodPost, path: "/v1/conversations/{id}/messages", name: "say",
		about: "Say something. It is answered once it is in the journal; the reply is an event. The same id again gets the same answer, and nothing more happens.",
		do:    (*exchange).says, proof: conversation, given: []given{conversationID}, in: message{}, status: http.StatusAccepted, out: accepted{},
		refuses: []dialog.Code{dialog.BadFrame, dialog.Unauthorized, dialog.Forbidden, dialog.Conflict, dialog.TooLarge, dialog.RateLimited}},
	{method: http.MethodGet, path: "/v1/conversations/{id}/events", name: "events",
		about: "The events after a place, oldest first: those there are as a JSON list or, with Accept: text/event-stream, also those to come.",
		do:    (*exchange).events, proof: conversation, given: []given{conversationID, after, lastEventID}, status: http.StatusOK, out: events{},
		refuses: []dialog.Code{dialog.BadFrame, dialog.Unauthorized, dialog.Forbidden}},
	{method: http.MethodPost, path: "/webhooks/rest/webhook", name: "webhook",
		about: "Say something for a sender and wait for the reply, in the shape that clients of other bot servers speak. An empty list: there is no reply, or people answer now.",
		do:    (*exchange).webhook, proof: configured, given: []given{shop}, in: sent{}, status: http.StatusOK, out: []told{},
		refuses: []dialog.Code{dialog.BadFrame, dialog.Unauthorized, dialog.Forbidden, dialog.NotFound, dialog.Conflict, dialog.TooLarge, dialog.RateLimited}},
	{method: http.MethodGet, path: "/webhooks/rest/webhook", name: "heard",
		about: "What came for a sender that answers no message: what people write, and what the bot says of its own accord. Without `after`, what came since the sender's last message.",
		do:    (*exchange).heard, proof: configured, given: []given{writer, shop, heardSoFar}, status: http.StatusOK, out: []told{},
		refuses: []dialog.Code{dialog.BadFrame, dialog.Unauthorized, dialog.Forbidden, dialog.NotFound}},
}

var (
	conversationID = given{"id", "path", "The conversation's id.", idPattern, true}
	after          = given{"after", "query", "A place: the offset of the last event that you have, or its epoch and offset with a slash between. " +
		"Without it, or where the place is gone, all kept events come.", placePattern, false}
	lastEventID = given{"Last-Event-ID", "header", "The id of the last event that came, of a stream that is resumed. It goes before `after`.", placePattern, false}
	shop        = given{"shop", "query", "The shop's id; without it, the first shop that is served.", idPattern, false}
	writer      = given{"sender", "query", "Whose: as in the messages that were sent.", wordPattern, true}
	heardSoFar  = given{"after", "query", "The largest `offset` that was told of these.", `^[0-9]{1,18}$`, false}
)

// Patterns of what is given.
const (
	idPattern    = `^[A-Za-z0-9_-]{1,64}$`
	wordPattern  = `^[^\u0000-\u001f\u007f-\u009f]{1,128}$`
	placePattern = `^([A-Za-z0-9_-]{1,64}/)?[0-9]{1,18}$`
)

// Paths are the patterns of all paths that are served.
func Paths() (paths []string) {
	for _, o := range operations {
		if !slices.Contains(paths, o.path) {
			paths = append(paths, o.path)
		}
	}
	return paths
}

// router serves the operations.
func (s *Server) router() http.Handler {
	byPath := map[string]path{}
	for _, o := range operations {
		if byPath[o.path] == nil {
			byPath[o.path] = path{}
		}
		byPath[o.path][o.method] = o
	}
	r := chi.NewRouter()
	for pattern, p := range byPath {
		r.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(p, w, r) })
	}
	for pattern, document := range s.About {
		r.Get(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*") // it is the same for everybody
			x := s.exchange(w, r)
			x.begin(http.StatusOK, listOf)
			_, _ = w.Write(document)
		})
	}
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		x := s.exchange(w, r)
		x.refuse(&dialog.Error{Code: dialog.NotFound, Message: "there is nothing at this path; GET /openapi.json tells what there is"})
	})
	return r
}

// path has the operations of one path by method.
type path map[string]operation

// methods are those of the path, in order.
func (p path) methods() string {
	all := []string{http.MethodOptions}
	for m := range p {
		all = append(all, m)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (s *Server) exchange(w http.ResponseWriter, r *http.Request) *exchange {
	return &exchange{server: s, w: w, r: r, out: http.NewResponseController(w), ctx: r.Context()}
}

// serve answers a request for a path.
func (s *Server) serve(p path, w http.ResponseWriter, r *http.Request) {
	x := s.exchange(w, r)
	x.share()
	if r.Method == http.MethodOptions {
		x.preflight(p)
		return
	}
	o, ok := p[r.Method]
	if !ok {
		w.Header().Set("Allow", p.methods())
		_ = x.send(http.StatusMethodNotAllowed, channels.Refusal("", bad("%s isn't done here; want one of %s", r.Method, p.methods())))
		return
	}
	result := "broken off"
	defer func() { s.requests.WithLabelValues(o.name, result).Inc() }()
	if err := s.perform(o, x); err != nil {
		result = x.fail(o, err)
		return
	}
	result = "ok"
}

// perform does an operation while there is room.
func (s *Server) perform(o operation, x *exchange) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	defer context.AfterFunc(s.work, func() {
		cancel()
		_ = x.out.SetReadDeadline(time.Now())
		_ = x.out.SetWriteDeadline(time.Now().Add(lastWait))
	})()
	x.ctx = ctx
	return o.do(x)
}

// fail tells an error, or breaks off an answer that has begun.
func (x *exchange) fail(o operation, err error) (code string) {
	if x.begun {
		if !errors.Is(err, errGone) && x.ctx.Err() == nil {
			x.server.Logger.Error("REST", "operation", o.name, "error", err)
		}
		panic(http.ErrAbortHandler) // net/http's way to end an answer so that its reader can tell
	}
	if code = x.refuse(err); code == string(dialog.Internal) {
		x.server.Logger.Error("REST", "operation", o.name, "error", err)
	}
	return code
}

// share lets the pages of origins that may talk to any shop read the answer: browsers ask for
// that. Which shop it is about is looked at when that is known.
func (x *exchange) share() {
	h := x.w.Header()
	h.Add("Vary", "Origin")
	origin := x.r.Header.Get("Origin")
	if origin != "" && channels.AnyMayTalk(origin, x.r.Host, x.server.Shops(), x.server.Origins) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "Retry-After")
	}
}

// preflight answers a browser that asks what a page of its may do.
func (x *exchange) preflight(p path) {
	h := x.w.Header()
	h.Set("Allow", p.methods())
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", p.methods())
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID")
		h.Set("Access-Control-Max-Age", "600")
	}
	x.w.WriteHeader(http.StatusNoContent)
}

// mayTalk is nil if the page that a request comes from, if any, may talk to a shop.
func (x *exchange) mayTalk(shop string) error {
	origin := x.r.Header.Get("Origin")
	if channels.MayTalk(origin, x.r.Host, x.server.Origins(shop)) {
		return nil
	}
	return &dialog.Error{Code: dialog.Forbidden, Message: fmt.Sprintf("pages of %s may not talk to this shop", origin)}
}

// served is nil if there is such a shop.
func (x *exchange) served(shop string) error {
	if slices.Contains(x.server.Shops(), shop) {
		return nil
	}
	return &dialog.Error{Code: dialog.NotFound, Message: "no shop of that id is served here"}
}

// is reports whether an error has a code.
func is(err error, code dialog.Code) bool {
	var e *dialog.Error
	return errors.As(err, &e) && e.Code == code
}
