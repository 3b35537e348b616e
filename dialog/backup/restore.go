package backup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// ErrNotEmpty means that a folder to restore into isn't empty.
var ErrNotEmpty = errors.New("not empty")

// Restore brings the backup in the file from into the data folder, which is made if it is
// missing. It is unpacked beside what is there, verified, brought up to date and given a
// new epoch, and only then put in its place; an error before that leaves the folder as it
// was. The folder must be empty, or o.Replace be set: then what was there is kept in a folder
// within it. A folder whose database another process has open is refused.
func Restore(ctx context.Context, from, data string, o Options) (r Report, err error) {
	defer func() { err = full(err) }()
	archive, err := os.Open(from)
	if err != nil {
		return r, fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	if info, err := archive.Stat(); err != nil {
		return r, fmt.Errorf("restore: %w", err)
	} else {
		r.Packed = info.Size()
	}
	p, err := prepare(ctx, data, o.Replace)
	if err != nil {
		return r, fmt.Errorf("restore: %w", err)
	}
	if err := p.fill(ctx, archive, &r, o); err != nil {
		return r, errors.Join(fmt.Errorf("restore from %s: %w", from, err), p.undo())
	}
	// From here on the folder of what is being restored tells whoever comes that the place isn't
	// whole, should this process end.
	r.Kept, err = p.swap(replaced + o.Now().UTC().Format("20060102-150405"))
	if err != nil {
		return r, fmt.Errorf("restore into %s ended in the middle: %w", data, err)
	}
	return r, nil
}

// place is a data folder that is being restored into.
type place struct {
	data, staged string
	made         bool // the folder wasn't there before
}

// prepare makes the folder in which a backup is unpacked.
func prepare(ctx context.Context, data string, replace bool) (p place, err error) {
	p = place{data: data, staged: filepath.Join(data, staging)}
	if _, err := os.Stat(data); errors.Is(err, fs.ErrNotExist) {
		p.made = true
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return p, err
	}
	if err := Unfinished(data); err != nil {
		return p, err
	}
	there, err := p.there()
	if err != nil {
		return p, err
	}
	if len(there) > 0 && !replace {
		return p, fmt.Errorf("%s is %w (%s); choose another folder, or --replace to keep what is there aside", data, ErrNotEmpty, strings.Join(there[:min(3, len(there))], ", "))
	}
	if err := p.alone(ctx); err != nil {
		return p, err
	}
	return p, os.Mkdir(p.staged, 0o700)
}

// there are the names in the data folder, but for those of earlier restores and the file
// system's own.
func (p place) there() (names []string, err error) {
	entries, err := os.ReadDir(p.data)
	for _, e := range entries {
		if name := e.Name(); name != staging && name != "lost+found" && !strings.HasPrefix(name, replaced) {
			names = append(names, name)
		}
	}
	return names, err
}

// alone refuses a folder that a server or another command is using.
func (p place) alone(ctx context.Context) error {
	path := filepath.Join(p.data, Database)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := sqlite.Alone(ctx, path)
	if errors.Is(err, sqlite.ErrInUse) {
		return fmt.Errorf("%w: stop the server that runs on %s", err, p.data)
	}
	return err
}

// fill unpacks an archive, verifies it and makes it ready to be used.
func (p place) fill(ctx context.Context, archive *os.File, r *Report, o Options) (err error) {
	root, err := os.OpenRoot(p.staged)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if err := unpack(ctx, archive, root, r, o.Progress); err != nil {
		return err
	}
	path := filepath.Join(p.staged, Database)
	if err := sqlite.Check(ctx, path); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	db, err := sqlite.Open(ctx, path, sets()...) // and brings its tables up to date
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := journal.Check(ctx, db); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r.Epoch = strings.ToLower(rand.Text()[:16])
	return journal.Restored(ctx, db, r.Epoch)
}

// undo removes what was unpacked, and the folder if it was made for it.
func (p place) undo() error {
	err := os.RemoveAll(p.staged)
	if p.made {
		err = errors.Join(err, os.Remove(p.data))
	}
	return err
}

// swap moves what is there into a folder named aside, and what was unpacked into its place, the
// database last. It returns the folder of what was there, if anything was.
func (p place) swap(aside string) (kept string, err error) {
	there, err := p.there()
	if err != nil {
		return "", err
	}
	if len(there) > 0 {
		kept = filepath.Join(p.data, aside)
		if err := os.Mkdir(kept, 0o700); err != nil {
			return "", err
		}
		if err := move(there, p.data, kept); err != nil {
			return kept, err
		}
	}
	entries, err := os.ReadDir(p.staged)
	if err != nil {
		return kept, err
	}
	var names []string
	for _, e := range entries {
		if e.Name() != Database {
			names = append(names, e.Name())
		}
	}
	if err := move(append(names, Database), p.staged, p.data); err != nil {
		return kept, err
	}
	if err := os.Remove(p.staged); err != nil {
		return kept, err
	}
	return kept, syncFolder(p.data)
}

// move moves names from one folder into another, one after the other.
func move(names []string, from, to string) error {
	for _, name := range names {
		if err := os.Rename(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}
