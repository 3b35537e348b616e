package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"
)

// Demo is what the page offers to whoever tries the server out: to sign in as one of the shop's
// customers without a password, and things to say.
type Demo struct {
	Page  func(ctx context.Context, locale string) (DemoPage, error)
	Token func(customer string) (string, error) // ErrNotOffered for any customer that the page doesn't name
}

// ErrNotOffered is the error for a customer whom nobody may sign in as.
var ErrNotOffered = errors.New("this customer isn't offered for trying out")

// DemoPage is GET /demo.json.
type DemoPage struct {
	Customers []DemoCustomer `json:"customers"`
	Try       []string       `json:"try"`
}

// DemoCustomer is somebody to sign in as.
type DemoCustomer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (d *Demo) routes(r chi.Router) {
	r.Get("/demo.json", func(w http.ResponseWriter, r *http.Request) {
		page, err := d.Page(r.Context(), r.URL.Query().Get("locale"))
		if err != nil {
			http.Error(w, "customers can't be read now; try again", http.StatusServiceUnavailable)
			return
		}
		writeJSON(w, page)
	})
	r.Post("/demo/token", func(w http.ResponseWriter, r *http.Request) {
		var ask struct {
			Customer string `json:"customer"`
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&ask); err != nil {
			http.Error(w, `want {"customer":"…"}`, http.StatusBadRequest)
			return
		}
		token, err := d.Token(ask.Customer)
		if errors.Is(err, ErrNotOffered) {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		if err != nil {
			http.Error(w, "no token can be made now", http.StatusInternalServerError)
			return
		}
		writeJSON(w, map[string]string{"token": token})
	})
}
