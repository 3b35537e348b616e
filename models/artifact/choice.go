package artifact

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// choiceName is the file that says which encoder is in use. Without it, it is the one of the table.
const choiceName = "encoder.json"

// choice is the content of that file.
type choice struct {
	Pinned []string `json:"pinned"` // versions, the one in use last; those before it are what Rollback goes back to
}

// ErrNoEncoder means that no encoder of the version asked for is in the cache.
var ErrNoEncoder = errors.New("no such encoder in the cache; `floorwalker models list` shows those that are")

// HeldEncoder is an encoder in the cache.
type HeldEncoder struct {
	Version string `json:"version"`
	InUse   bool   `json:"in_use"`
	Folder  string `json:"folder"`
}

// Encoders lists the encoders that are in the cache and whole: the table's first, then those
// that were brought in, by version.
func (c *Cache) Encoders() ([]HeldEncoder, error) {
	chosen, err := c.choice()
	if err != nil {
		return nil, err
	}
	tuned, err := c.tuned()
	if err != nil {
		return nil, err
	}
	var all []HeldEncoder
	for _, a := range append([]artefact{c.base()}, tuned...) {
		if c.check(a) == nil {
			v := a.contentVersion()
			all = append(all, HeldEncoder{v, v == chosen.inUse(c), c.folder(a)})
		}
	}
	return all, nil
}

// Pin makes an encoder of the cache the one that whoever opens it from now on gets.
func (c *Cache) Pin(version string) error {
	all, err := c.Encoders()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(e HeldEncoder) bool { return e.Version == version }) {
		return fmt.Errorf("artifact: %q: %w", version, ErrNoEncoder)
	}
	chosen, err := c.choice()
	if err != nil || chosen.inUse(c) == version {
		return err
	}
	chosen.Pinned = append(chosen.Pinned, version)
	return c.choose(chosen)
}

// Rollback undoes the last Pin and returns the version in use afterwards, which is then in the cache.
func (c *Cache) Rollback() (string, error) {
	chosen, err := c.choice()
	if err != nil {
		return "", err
	}
	if len(chosen.Pinned) == 0 {
		return "", errors.New("artifact: no encoder was pinned, so there is none to go back from")
	}
	chosen.Pinned = chosen.Pinned[:len(chosen.Pinned)-1]
	before := chosen.inUse(c)
	if _, err := c.encoder(before); err != nil {
		return "", err
	}
	return before, c.choose(chosen)
}

// base is the table's encoder.
func (c *Cache) base() artefact { return c.table[len(c.table)-1] }

func (ch choice) inUse(c *Cache) string {
	if n := len(ch.Pinned); n > 0 {
		return ch.Pinned[n-1]
	}
	return c.base().contentVersion()
}

// encoder finds an encoder by its version.
func (c *Cache) encoder(wanted string) (artefact, error) {
	if base := c.base(); base.contentVersion() == wanted {
		return base, c.check(base)
	}
	tuned, err := c.tuned()
	if err != nil {
		return artefact{}, err
	}
	for _, a := range tuned {
		if a.contentVersion() == wanted {
			return a, c.check(a)
		}
	}
	return artefact{}, fmt.Errorf("artifact: %s is pinned and isn't there: bring it in again with `floorwalker models pull --from`, "+
		"or go back with `floorwalker models rollback`: %w", wanted, ErrMissing)
}

func (c *Cache) choice() (chosen choice, err error) {
	path := filepath.Join(c.dir, choiceName)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return choice{}, nil
	}
	if err != nil {
		return choice{}, fmt.Errorf("artifact: which encoder is in use: %w", err)
	}
	if err := json.Unmarshal(content, &chosen); err != nil {
		return choice{}, fmt.Errorf("artifact: %s, which says what encoder is in use: %w; remove it to use the one "+
			"that `floorwalker models pull` fetches", path, err)
	}
	return chosen, nil
}

// choose replaces the file as a whole.
func (c *Cache) choose(chosen choice) (err error) {
	content, err := json.Marshal(chosen)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(c.dir, temporary)
	if err != nil {
		return fmt.Errorf("artifact: choosing an encoder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	made := filepath.Join(work, choiceName)
	if err := writeFile(made, append(content, '\n')); err != nil {
		return err
	}
	if err := os.Rename(made, filepath.Join(c.dir, choiceName)); err != nil {
		return err
	}
	return syncFolder(c.dir)
}
