// Repairs is a program of a shop's: Floorwalker's remote skills (docs/skills.md) ask it what a
// repair would cost, and book one. It keeps its bookings in memory; yours has a database.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
	"time"
)

// request is what Floorwalker asks.
type request struct {
	Customer  string `json:"customer"`
	Arguments struct {
		Order string `json:"order"`
		Fault string `json:"fault"`
	} `json:"arguments"`
}

type money struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// workshop is who repairs, a few things a day.
type workshop struct {
	now func() time.Time

	mu     sync.Mutex
	booked map[string]booking // by order
	done   map[string]string  // by idempotency key, the order
}

type booking struct {
	number string
	day    string
	fault  string
}

const bookings = 20 // at most

func newWorkshop(now func() time.Time) *workshop {
	return &workshop{now: now, booked: map[string]booking{}, done: map[string]string{}}
}

func (w *workshop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /offer", w.answer(w.offer))
	mux.HandleFunc("POST /book", w.answer(w.book))
	mux.HandleFunc("POST /repair", w.answer(w.repair))
	return mux
}

// answer reads a request, and writes what an answerer comes to; nil is 404: there is no such thing.
func (w *workshop) answer(come func(request, string) any) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		var asked request
		if err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, 1<<20)).Decode(&asked); err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		w.mu.Lock()
		answer := come(asked, r.Header.Get("Idempotency-Key"))
		w.mu.Unlock()
		if answer == nil {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(rw).Encode(answer); err != nil {
			log.Print("the answer did not get through: ", err)
		}
	}
}

// day is when the next repair could be.
func (w *workshop) day() string { return w.now().AddDate(0, 0, 3).Format(time.DateOnly) }

func (w *workshop) offer(r request, _ string) any {
	_, booked := w.booked[r.Arguments.Order]
	return map[string]any{"record": "repair/" + r.Arguments.Order,
		"view": map[string]any{"possible": !booked, "day": w.day(), "price": money{"25.00", "USD"}}}
}

// book books once for each key, however often it is asked.
func (w *workshop) book(r request, key string) any {
	order, again := w.done[key]
	if !again {
		if len(w.booked) == bookings {
			return map[string]any{"refused": "fully_booked"}
		}
		order = r.Arguments.Order
		w.done[key] = order
		w.booked[order] = booking{fmt.Sprintf("R-%d", 1001+len(w.booked)), w.day(), r.Arguments.Fault}
		log.Printf("%s, %s: %q", order, r.Customer, r.Arguments.Fault)
	}
	return map[string]any{"record": "repair/" + order}
}

func (w *workshop) repair(r request, _ string) any {
	b, ok := w.booked[r.Arguments.Order]
	if !ok {
		return nil
	}
	return map[string]any{"record": "repair/" + r.Arguments.Order, "view": map[string]any{"number": b.number, "day": b.day}}
}

func main() {
	address := os.Getenv("LISTEN")
	if address == "" {
		address = "127.0.0.1:9191"
	}
	log.Fatal(http.ListenAndServe(address, newWorkshop(time.Now).handler()))
}
