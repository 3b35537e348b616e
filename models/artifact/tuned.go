package artifact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// cardName is the model card of a fine-tuned encoder: what it was made from, and how well it does.
const cardName = "card.md"

// ErrTuned means that a folder isn't what models/train writes for this version of floorwalker.
var ErrTuned = errors.New("not an encoder that models/train made for this version of floorwalker")

// Bring copies a fine-tuned encoder, as models/train wrote it to a folder, into the cache and returns its
// version, by which [Cache.Pin] makes it the one in use. Graph and vocabulary must be those of the
// table's encoder: only weights differ, so that no graph of strangers is ever run.
func (c *Cache) Bring(ctx context.Context, folder string, progress func(line string)) (string, error) {
	if progress == nil {
		progress = func(string) {}
	}
	m, err := readManifest(folder)
	if err != nil {
		return "", err
	}
	a := artefact{name: m.Name, files: m.Files}
	if err := c.fits(a); err != nil {
		return "", fmt.Errorf("artifact: %s: %w: %w", folder, ErrTuned, err)
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return "", fmt.Errorf("artifact: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(c.dir, "pull.lock"), progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if c.check(a) != nil {
		if err := c.bring(ctx, a, m, folder); err != nil {
			return "", fmt.Errorf("artifact: bringing %s in: %w", folder, err)
		}
	}
	return a.contentVersion(), nil
}

// fits reports what keeps an artefact from being run in the place of the table's encoder.
func (c *Cache) fits(a artefact) error {
	if a.name == "" || strings.Trim(a.name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || a.name == c.base().name {
		return fmt.Errorf("the name %q isn't one of small letters, digits and hyphens, and its own", a.name)
	}
	var names []string
	for _, f := range a.files {
		names = append(names, f.Name)
	}
	if slices.Sort(names); !slices.Equal(names, []string{cardName, modelName, vocabularyName, weightsName}) {
		return fmt.Errorf("it has the files %s", strings.Join(names, ", "))
	}
	for _, own := range c.base().files {
		at := slices.IndexFunc(a.files, func(f file) bool { return f.Name == own.Name })
		switch theirs := a.files[at]; {
		case own.Name == weightsName && theirs.Bytes != own.Bytes:
			return fmt.Errorf("%s is of %d bytes and the graph reads %d", own.Name, theirs.Bytes, own.Bytes)
		case own.Name != weightsName && theirs != own:
			return fmt.Errorf("%s isn't the one of multilingual-e5-small here", own.Name)
		}
	}
	return nil
}

// bring makes the artefact's folder from the files in another.
func (c *Cache) bring(ctx context.Context, a artefact, m manifest, from string) (err error) {
	work, err := os.MkdirTemp(c.dir, temporary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	for _, f := range a.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		content, err := os.ReadFile(filepath.Join(from, f.Name))
		if err != nil {
			return err
		}
		if got := sum(content); got != f.SHA256 {
			return fmt.Errorf("%s has SHA-256 %s and its manifest says %s: copy it again", f.Name, got, f.SHA256)
		}
		if err := writeFile(filepath.Join(work, f.Name), content); err != nil {
			return err
		}
	}
	return c.publish(m, work, c.folder(a))
}

// tuned lists the encoders in the cache that were brought in, by folder.
func (c *Cache) tuned() ([]artefact, error) {
	cards, err := filepath.Glob(filepath.Join(c.dir, "*", cardName))
	if err != nil {
		return nil, fmt.Errorf("artifact: %w", err)
	}
	var all []artefact
	for _, card := range cards {
		m, err := readManifest(filepath.Dir(card))
		if a := (artefact{name: m.Name, files: m.Files}); err == nil && c.fits(a) == nil && c.folder(a) == filepath.Dir(card) {
			all = append(all, a)
		}
	}
	return all, nil
}

func readManifest(folder string) (m manifest, err error) {
	path := filepath.Join(folder, manifestName)
	content, err := os.ReadFile(path)
	if err != nil {
		return m, fmt.Errorf("artifact: %w: %w", ErrTuned, err)
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return m, fmt.Errorf("artifact: %s: %w: %w", path, ErrTuned, err)
	}
	return m, nil
}
