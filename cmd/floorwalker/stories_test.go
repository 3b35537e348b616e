package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/story"
	"github.com/floorwalker/floorwalker/models/artifact"
)

// needModels skips, aloud, where the encoder isn't there, unless it is required.
func needModels(t *testing.T) {
	t.Helper()
	cache, err := artifact.Open("")
	if err == nil {
		_, err = cache.Locate()
	}
	switch {
	case err == nil:
	case errors.Is(err, artifact.ErrMissing) && os.Getenv("FLOORWALKER_REQUIRE_MODELS") != "1":
		t.Skipf("SKIPPED: stories need the encoder (cure: floorwalker models pull): %v", err)
	default:
		t.Fatal(err)
	}
}

// plays plays all stories of a shop folder, each a subtest.
func plays(t *testing.T, shop string, replies func(dialog.Replies) dialog.Replies) played {
	t.Helper()
	needModels(t)
	stories, faults := story.Read(os.DirFS(filepath.Join(shop, "tests")), ".")
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	all, err := playAll(t.Context(), shop, stories, replies, logger)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all.Stories {
		t.Run(strings.TrimSuffix(r.Story.File, ".txtar")+"/"+r.Name, func(t *testing.T) {
			if !r.Pass {
				t.Errorf("%s\n%s", r.Fault, strings.Join(append(r.Talk, r.Log...), "\n"))
			}
			for _, line := range r.Log {
				if strings.Contains(line, "blocked") {
					t.Errorf("a wording was blocked: %s", line)
				}
			}
		})
	}
	return all
}

// TestStories plays the demo shop's stories; together they come by every step of every
// built-in flow.
func TestStories(t *testing.T) {
	all := plays(t, "../../shops/demo", shopTurns.record)
	chinese := 0
	for _, r := range all.Stories {
		if strings.Contains(r.Story.File, ".zh.") {
			chinese++
		}
	}
	if n := len(all.Stories); n < 350 || chinese < n*2/5 {
		t.Errorf("%d stories, %d of them Chinese", n, chinese)
	}
	for _, step := range all.Steps.Missing {
		if !strings.Contains(step, " silence:") { // a story has no ten minutes to wait: see dialog/silence_test.go
			t.Errorf("no story comes by %s", step)
		}
	}
	t.Run("true replies pass as free text", shopTurns.pass)
}

// TestFlowsAreData plays the stories of a shop whose flow, intent and replies are YAML alone.
func TestFlowsAreData(t *testing.T) {
	all := plays(t, "../../dialog/testdata/parlour", nil)
	for _, step := range all.Steps.Missing {
		if strings.Contains(step, " tasting:") {
			t.Errorf("no story comes by %s", step)
		}
	}
}
