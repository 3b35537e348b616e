package admin

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

//go:embed desk
var deskFiles embed.FS

// Desk is what the page at /desk works with. Whoever opens it, and has signed in with the
// listener's token, is at the desk under the name they give.
type Desk struct {
	Engine    *dialog.Engine
	Presence  *desk.Presence
	Callbacks desk.Callbacks
	Shops     func() []Shop
	Logger    *slog.Logger
	Now       func() time.Time
}

// Shop is one whose desk can be opened.
type Shop struct {
	ID   string            `json:"id"`
	Name map[string]string `json:"name"` // by language
}

// routes serves the page, what it asks for, and what is told to it.
func (d *Desk) routes(r chi.Router) {
	r.Use(deskHeaders)
	files, err := fs.Sub(deskFiles, "desk")
	if err != nil {
		panic(err) // the folder is embedded
	}
	page := http.StripPrefix("/desk", http.FileServerFS(files))
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk/", http.StatusFound) })
	r.Get("/desk", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk/", http.StatusFound) })
	r.Get("/desk/*", page.ServeHTTP)
	r.Route("/desk/api", func(r chi.Router) {
		r.Use(ownPages)
		r.Get("/shops", func(w http.ResponseWriter, _ *http.Request) { d.answer(w, d.Shops(), nil) })
		r.Get("/live", d.live)
		r.Get("/conversations/{id}/live", d.conversation)
		for what, do := range d.deeds() {
			r.Post("/conversations/{id}/"+what, d.doing(do))
		}
		r.Get("/callbacks", d.callbacks)
		r.Post("/callbacks/{id}", d.mark)
	})
}

// deskHeaders keep the page to itself: its own files only, no framing, nothing kept.
func deskHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
			"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// ownPages refuses what other sites' pages ask for: the browser would sign it with the token
// that it remembers.
func ownPages(next http.Handler) http.Handler {
	unsafe := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Sec-Fetch-Site") {
		case "", "same-origin", "none":
			unsafe.ServeHTTP(w, r)
		default:
			http.Error(w, "only the desk's own page may ask for this", http.StatusForbidden)
		}
	})
}

// asked is the body of what the page does.
type asked struct {
	Shop  string `json:"shop"`
	Agent string `json:"agent"`
	ID    string `json:"id"` // the page's own, of a message or note
	Text  string `json:"text"`
	To    string `json:"to"`    // of transfer: an agent, or empty for the queue
	State string `json:"state"` // of a call-back: open or done
}

// done is the answer to what was done.
type done struct {
	Offset int64         `json:"offset"`
	Owner  journal.Owner `json:"owner,omitempty"`
}

// deed does one thing with a conversation.
type deed func(r *http.Request, conversation string, a asked) (dialog.Receipt, error)

// deeds are what can be done with a conversation, by the last word of the address.
func (d *Desk) deeds() map[string]deed {
	return map[string]deed{
		"take": func(r *http.Request, id string, a asked) (dialog.Receipt, error) {
			return d.Engine.Take(r.Context(), a.Shop, id, a.Agent)
		},
		"release": func(r *http.Request, id string, a asked) (dialog.Receipt, error) {
			return d.Engine.Release(r.Context(), a.Shop, id, a.Agent)
		},
		"transfer": func(r *http.Request, id string, a asked) (dialog.Receipt, error) {
			return d.Engine.Transfer(r.Context(), a.Shop, id, a.Agent, a.To)
		},
		"message": func(r *http.Request, id string, a asked) (dialog.Receipt, error) {
			return d.Engine.Say(r.Context(), dialog.Utterance{Shop: a.Shop, Conversation: id, Role: journal.RoleAgent, Agent: a.Agent, ID: a.ID, Text: a.Text})
		},
		"note": func(r *http.Request, id string, a asked) (dialog.Receipt, error) {
			n, err := d.Engine.Note(r.Context(), a.Shop, id, journal.Note{ID: a.ID, Agent: a.Agent, Text: a.Text})
			return dialog.Receipt{Offset: n.After}, err
		},
		"typing": func(r *http.Request, id string, a asked) (dialog.Receipt, error) {
			return dialog.Receipt{}, d.Engine.AgentTyping(r.Context(), a.Shop, id, a.Agent)
		},
	}
}

func (d *Desk) doing(do deed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := read(w, r)
		if err != nil {
			d.answer(w, nil, err)
			return
		}
		receipt, err := do(r, chi.URLParam(r, "id"), a)
		d.answer(w, done{receipt.Offset, receipt.Owner}, err)
	}
}

// longestBody is that of what the page sends: a message of 10,000 characters, escaped.
const longestBody = 128 << 10

func read(w http.ResponseWriter, r *http.Request) (asked, error) {
	var a asked
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestBody)).Decode(&a)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return a, &dialog.Error{Code: dialog.TooLarge, Message: "that is too much at once"}
	case err != nil:
		return a, &dialog.Error{Code: dialog.BadFrame, Message: "want a JSON object: " + err.Error()}
	}
	return a, nil
}

func (d *Desk) callbacks(w http.ResponseWriter, r *http.Request) {
	state := r.URL.Query().Get("state")
	if state != desk.Done {
		state = desk.Open
	}
	list, err := d.Callbacks.List(r.Context(), r.URL.Query().Get("shop"), state)
	d.answer(w, list, err)
}

// mark says that a call-back is done, or not done after all.
func (d *Desk) mark(w http.ResponseWriter, r *http.Request) {
	a, err := read(w, r)
	if err == nil {
		err = dialog.SoundAgent(a.Agent)
	}
	if err == nil && a.State != desk.Open && a.State != desk.Done {
		err = &dialog.Error{Code: dialog.BadFrame, Message: "a call-back is open or done"}
	}
	var marked catalog.Callback
	if err == nil {
		marked, err = d.Callbacks.Mark(r.Context(), a.Shop, chi.URLParam(r, "id"), a.State, a.Agent, d.Now())
	}
	if errors.Is(err, store.ErrNotFound) {
		err = &dialog.Error{Code: dialog.NotFound, Message: "no such call-back"}
	}
	d.answer(w, marked, err)
}

// statuses are those of errors; all others are the server's own.
var statuses = map[dialog.Code]int{
	dialog.BadFrame: http.StatusBadRequest, dialog.TooLarge: http.StatusRequestEntityTooLarge,
	dialog.Forbidden: http.StatusForbidden, dialog.NotFound: http.StatusNotFound, dialog.Conflict: http.StatusConflict,
	dialog.RateLimited: http.StatusTooManyRequests, dialog.Unavailable: http.StatusServiceUnavailable,
	dialog.ShuttingDown: http.StatusServiceUnavailable,
}

// answer sends v, or what the page may know of an error.
func (d *Desk) answer(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	if err != nil {
		refusal := channels.Refusal("", err)
		if refusal.Code == string(dialog.Internal) {
			d.Logger.Error("the desk", "error", err)
		}
		v, status = refusal, statuses[dialog.Code(refusal.Code)]
		if status == 0 {
			status = http.StatusInternalServerError
		}
	}
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(data)
}
