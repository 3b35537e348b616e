package channels_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

func TestEventFrameIsOneObject(t *testing.T) {
	at := time.Date(2026, 10, 1, 14, 0, 0, 5000, time.FixedZone("CEST", 2*3600))
	for body, want := range map[string]string{
		`{"turn":"t1","text":"好"}`: `{"type":"event","epoch":"e","offset":3,"at":"2026-10-01T12:00:00.000005Z","kind":"reply","turn":"t1","text":"好"}`,
		`{}`:                       `{"type":"event","epoch":"e","offset":3,"at":"2026-10-01T12:00:00.000005Z","kind":"reply"}`,
	} {
		got, err := channels.EventFrame("e", journal.Event{Offset: 3, Kind: "reply", Body: json.RawMessage(body), At: at})
		if err != nil || string(got) != want || !json.Valid(got) {
			t.Errorf("%s: %s (%v), want %s", body, got, err, want)
		}
	}
	for _, body := range []string{``, `x`, `[1]`} {
		if got, err := channels.EventFrame("e", journal.Event{Body: json.RawMessage(body)}); err == nil {
			t.Errorf("%q became %s", body, got)
		}
	}
}

func TestRefusalTellsOnlyWhatAClientMayKnow(t *testing.T) {
	known := &dialog.Error{Code: dialog.Unavailable, Message: "nothing new can be stored", RetryAfter: 1500 * time.Millisecond, Err: errors.New("/var/disk is full")}
	want := channels.ErrorFrame{Type: "error", ID: "m1", Code: "unavailable", Message: "nothing new can be stored", RetryAfterMS: 1500}
	if got := channels.Refusal("m1", fmt.Errorf("saying: %w", known)); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := channels.Refusal("", &dialog.Error{Code: dialog.RateLimited, RetryAfter: time.Microsecond}); got.RetryAfterMS != 1 {
		t.Errorf("a very short wait became %+v", got)
	}
	if got := channels.Refusal("", errors.New("password of the database")); got.Code != "internal" || got.RetryAfterMS == 0 ||
		got.Message != "something went wrong here; please try again" {
		t.Errorf("%+v", got)
	}
}
