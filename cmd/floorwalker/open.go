package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // shops have time zones, and small machines and images no tables of them

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/channels/codes"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
)

// workshop is a shop folder opened for one command: on records of its own, or on those of a
// data folder.
type workshop struct {
	db      store.DB
	encoder models.Encoder
	shops   *dialog.Shops
	closers []func() error
}

// openWorkshop opens the shop folder dir. Without a data folder, records are brought into a
// database that is deleted again; what is learned of intents stays in the user's cache, so
// that the next command finds it. A nil encoder is loaded.
func openWorkshop(ctx context.Context, dir, data string, encoder models.Encoder, logger *slog.Logger) (w *workshop, err error) {
	w = &workshop{encoder: encoder}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	learned, err := artifact.Dir()
	if err != nil {
		return w, err
	}
	if data == "" {
		if data, err = os.MkdirTemp("", "floorwalker-"); err != nil {
			return w, err
		}
		temp := data
		w.closers = append(w.closers, func() error { return os.RemoveAll(temp) })
	}
	db, err := openData(ctx, data)
	if err != nil {
		return w, err
	}
	w.db = db
	w.closers = append(w.closers, db.Close)
	if w.encoder == nil {
		if w.encoder, err = openEncoder("local", logger, nil); err != nil {
			return w, err
		}
		if e, ok := w.encoder.(*onnx.Encoder); ok {
			w.closers = append(w.closers, e.Close)
		}
	}
	w.shops, err = dialog.OpenShops(ctx, []string{dir}, dialog.Parts{DB: db, Encoder: w.encoder, Kept: data, Learned: learned,
		Desk: desk.NewPresence(), Codes: codes.Log{Logger: logger}, Logger: logger, Now: time.Now})
	if err != nil {
		return w, err
	}
	w.closers = append(w.closers, w.shops.Close)
	return w, nil
}

// shop is the one that was opened.
func (w *workshop) shop() *dialog.Shop { return w.shops.Shop(w.shops.IDs()[0]) }

// Close closes everything, from the last.
func (w *workshop) Close() error {
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	return errors.Join(errs...)
}

// quiet logs what needs attention, to people.
func quiet(s streams) *slog.Logger {
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
