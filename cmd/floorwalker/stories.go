package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/story"
)

// played is the result of playing stories.
type played struct {
	Passed  int            `json:"passed"`
	Failed  int            `json:"failed"`
	Steps   coverage       `json:"steps"`
	Stories []story.Result `json:"stories"`
}

// coverage is how much of the flows was passed.
type coverage struct {
	Passed  int      `json:"passed"`
	Of      int      `json:"of"`
	Missing []string `json:"missing"` // file:line flow: step
}

func (p played) print(s streams, verbose bool) {
	for _, r := range p.Stories {
		word := "pass"
		if !r.Pass {
			word = "FAIL"
		}
		fmt.Fprintf(s.out, "%s  %s\n", word, r.Name)
		if !r.Pass {
			fmt.Fprintf(s.out, "      %s\n", r.Fault)
		}
		if verbose || !r.Pass {
			for _, line := range append(r.Talk, r.Log...) {
				fmt.Fprintf(s.out, "      %s\n", line)
			}
		}
	}
	fmt.Fprintf(s.out, "%d passed, %d failed\n", p.Passed, p.Failed)
	fmt.Fprintf(s.out, "steps visited %d of %d\n", p.Steps.Passed, p.Steps.Of)
	for _, step := range p.Steps.Missing {
		fmt.Fprintf(s.out, "      not visited  %s\n", step)
	}
}

// stages is where stories are played: a shop opened once, from which each gets records, a
// desk and a mail of its own.
type stages struct {
	*workshop
	records string // a data folder with the shop's records, copied for each story
	flows   *flow.Set
	replies func(dialog.Replies) dialog.Replies // stands in for the shop's; nil: they themselves

	mu     sync.Mutex
	passed map[flow.Place]bool
}

// storyWait is how long one answer may take on a machine that is busy with others.
const storyWait = 30 * time.Second

// storyAway is how long a desk may be empty before the bot takes back who waits for it.
const storyAway = 10 * time.Millisecond

// openStages opens a shop to play stories in.
func openStages(ctx context.Context, shop string, logger *slog.Logger) (s *stages, err error) {
	w, err := openWorkshop(ctx, shop, "", nil, logger)
	if err != nil {
		return nil, err
	}
	s = &stages{workshop: w, passed: map[flow.Place]bool{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	flows, ok := w.shop().Flows.(*flow.Set)
	if !ok {
		return nil, fmt.Errorf("%s: its flows can't be counted", shop)
	}
	s.flows = flows
	s.records, err = filled(ctx, w.shop().Settings.ID, shop)
	w.closers = append(w.closers, func() error { return os.RemoveAll(s.records) })
	return s, err
}

// playAll plays stories, several at once, and returns what came of them in their order. replies, if
// not nil, stands in for the shop's.
func playAll(ctx context.Context, shop string, stories []story.Story, replies func(dialog.Replies) dialog.Replies, logger *slog.Logger) (p played, err error) {
	if len(stories) == 0 {
		return p, errors.New("no story was played")
	}
	s, err := openStages(ctx, shop, logger)
	if err != nil {
		return p, err
	}
	s.replies = replies
	defer func() { err = errors.Join(err, s.Close()) }()
	p.Stories = make([]story.Result, len(stories))
	var group errgroup.Group
	group.SetLimit(2 * runtime.NumCPU())
	for i, st := range stories {
		group.Go(func() (err error) {
			p.Stories[i], err = s.play(ctx, st)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return p, err
	}
	for _, r := range p.Stories {
		if r.Pass {
			p.Passed++
		} else {
			p.Failed++
		}
	}
	p.Steps = s.coverage()
	return p, nil
}

// filled makes a data folder that holds a shop's records and nothing else.
func filled(ctx context.Context, id, shop string) (data string, err error) {
	if data, err = os.MkdirTemp("", "floorwalker-records-"); err != nil {
		return "", err
	}
	db, err := openData(ctx, data)
	if err != nil {
		return data, err
	}
	_, _, err = feed.FillOnce(ctx, db, id, os.DirFS(shop), feed.Options{Now: time.Now()})
	return data, errors.Join(err, db.Close())
}

func (s *stages) coverage() coverage {
	c := coverage{Missing: []string{}}
	for _, place := range s.flows.Places() {
		c.Of++
		if s.passed[place] {
			c.Passed++
		} else {
			c.Missing = append(c.Missing, s.flows.Describe(place))
		}
	}
	return c
}

// play plays one story.
func (s *stages) play(ctx context.Context, st story.Story) (r story.Result, err error) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	err = s.onStage(ctx, st, logger, s.note, func(stage story.Stage) { r = stage.Play(ctx, st) })
	r.Log = slices.DeleteFunc(strings.Split(log.String(), "\n"), func(line string) bool { return line == "" })
	return r, err
}

// onStage has a stage of its own set for a story's circumstances, and taken down after play. When it
// returns nobody writes to the logger any more.
func (s *stages) onStage(ctx context.Context, st story.Story, logger *slog.Logger, decided func(flow.Output), play func(story.Stage)) (err error) {
	data, err := os.MkdirTemp("", "floorwalker-story-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	if err := os.CopyFS(data, os.DirFS(s.records)); err != nil {
		return err
	}
	db, err := openData(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	settings := s.shop().Settings
	zone, err := time.LoadLocation(settings.TimeZone)
	if err != nil {
		return err
	}
	now := st.Clock(zone)
	presence, mail, leave := desk.NewPresence(), &story.Mail{Down: st.MailDown}, func() {}
	if st.Staffed {
		leave = presence.Join(settings.ID, "somebody")
	}
	shop, err := s.shops.Staged(settings.ID, dialog.Parts{DB: db, Desk: presence, Codes: mail, Logger: logger, Now: now})
	if err != nil {
		return err
	}
	if s.replies != nil {
		own := *shop
		own.Replies = s.replies(shop.Replies)
		shop = &own
	}
	hub := new(journal.Hub)
	engine := dialog.New(dialog.Options{Journal: journal.NewSQL(db, hub, now), Hub: hub, Clock: now, Logger: logger,
		Shops: func(string) *dialog.Shop { return shop }, Desk: presence, Away: storyAway, Decided: decided})
	run, stop := context.WithCancel(ctx)
	var group errgroup.Group
	group.Go(func() error { return engine.Run(run) })
	play(story.Stage{Engine: engine, DB: db, Shop: settings.ID, Mail: mail, Leave: leave, Wait: storyWait})
	stop()
	return group.Wait()
}

// note notes the steps that a turn has passed.
func (s *stages) note(out flow.Output) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range out.Passed {
		s.passed[p] = true
	}
}
