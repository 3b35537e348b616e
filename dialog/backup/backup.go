// Package backup packs a data folder into one file, while a server may be using it, and brings
// it back.
//
// A backup is a tar archive compressed with zstd, so `tar --zstd -xf` and `sha256sum -c` read it
// too:
//
//	floorwalker-backup.json   the [Header]
//	data/…                    everything of the data folder, the database first
//	SHA256SUMS                a line for each file under data; without it the archive was cut
//
// The database is copied as it is at one moment. Only then are the streams of NATS read: each
// event that the copied journal knows as published was acknowledged, and so on disk,
// before that moment. What the streams hold beyond it is of the epoch that ends with the
// restore. Their files are appended to or replaced whole, so a prefix of each is enough.
//
// What is made from the shop's files (the folders products and knowledge) is left out: a server
// makes it again when it starts.
package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Database is the name of the database in a data folder.
const Database = "floorwalker.db"

// Format is the form of the archives that this program writes and reads.
const Format = 1

// Names in an archive and in a data folder.
const (
	headerName = "floorwalker-backup.json"
	sumsName   = "SHA256SUMS"
	inside     = "data/"
	staging    = ".restoring"      // what is being restored, until it is verified
	replaced   = "before-restore-" // begins the name of a folder with what was there before
)

// Header says what an archive holds.
type Header struct {
	Format      int              `json:"format"`
	Floorwalker string           `json:"floorwalker"` // version of the program that wrote it
	Created     time.Time        `json:"created"`     // in UTC
	Epoch       string           `json:"epoch"`       // of the database
	Schema      map[string]int64 `json:"schema"`      // migration set → version of its tables
}

// ErrDamaged means that an archive was cut or changed, or never was a backup.
var ErrDamaged = errors.New("not a whole backup")

// sets are the tables of a database.
func sets() []store.MigrationSet {
	return []store.MigrationSet{store.Migrations(), journal.Migrations()}
}

// Schema is how far this program brings the tables of a database, by migration set.
func Schema() (map[string]int64, error) {
	schema := map[string]int64{}
	for _, set := range sets() {
		version, err := set.Version()
		if err != nil {
			return nil, err
		}
		schema[set.Name] = version
	}
	return schema, nil
}

// readable reports why this program can't use what a header describes.
func (h Header) readable() error {
	if h.Format != Format {
		return fmt.Errorf("it is of format %d, made by floorwalker %s, and this program reads format %d", h.Format, h.Floorwalker, Format)
	}
	mine, err := Schema()
	if err != nil {
		return err
	}
	for name := range maps.Keys(h.Schema) {
		if h.Schema[name] > mine[name] {
			return fmt.Errorf("its tables of %s are of version %d and this program knows %d: restore it with floorwalker %s or later",
				name, h.Schema[name], mine[name], h.Floorwalker)
		}
	}
	return nil
}

// Unfinished reports that a restore into a data folder is under way or was cut, so that nothing
// there may be used yet.
func Unfinished(data string) error {
	path := filepath.Join(data, staging)
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return fmt.Errorf("a restore into %s is under way or was cut: if none is running, remove %s and restore again with --replace", data, path)
}

// leftOut reports whether a top-level name of a data folder isn't backed up.
func leftOut(name string) bool {
	switch name {
	case "products", "knowledge", // made again from the shop's files
		Database, Database + "-wal", Database + "-shm", Database + "-journal", // copied by themselves
		staging, "lost+found":
		return true
	}
	return strings.HasPrefix(name, replaced)
}

// full gives an error of a full disk the sentinel and the cure.
func full(err error) error {
	for _, full := range []error{store.ErrFull, syscall.ENOSPC, syscall.EDQUOT} {
		if errors.Is(err, full) {
			return fmt.Errorf("%w: %w; make room there or choose another place. Nothing was left behind", store.ErrFull, err)
		}
	}
	return err
}
