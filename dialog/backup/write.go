package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
)

// Options of Write and Restore.
type Options struct {
	Version  string            // of this program
	Now      func() time.Time  // when a backup is made, or restored
	Progress func(name string) // told of each file; may be nil
	Replace  bool              // Restore: into a folder that isn't empty; what is there is kept aside
}

// Report is what was backed up or restored.
type Report struct {
	Header
	Files  int    `json:"files"`
	Bytes  int64  `json:"bytes"`          // of the files
	Packed int64  `json:"packed_bytes"`   // of the archive
	Kept   string `json:"kept,omitempty"` // Restore: folder of what was there before
}

// Write backs the data folder up into the file out. Servers and other commands may be using the
// folder. out appears, or is replaced, by one rename when it is whole and on disk; an error
// leaves nothing. Beside it there must be room for it and for a copy of the database.
func Write(ctx context.Context, data, out string, o Options) (r Report, err error) {
	defer func() { err = full(err) }()
	if err := apart(data, out); err != nil {
		return r, err
	}
	if err := Unfinished(data); err != nil {
		return r, err
	}
	work, err := os.MkdirTemp(filepath.Dir(out), ".floorwalker-backup-")
	if err != nil {
		return r, fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	db := filepath.Join(work, Database)
	if err := sqlite.Copy(ctx, filepath.Join(data, Database), db); err != nil {
		return r, fmt.Errorf("backup: %w", err)
	}
	facts, err := sqlite.Describe(ctx, db, sets()...)
	if err != nil {
		return r, fmt.Errorf("backup: %w", err)
	}
	r.Header = Header{Format, o.Version, o.Now().UTC(), facts.Epoch, facts.Schema}

	archive := filepath.Join(work, "archive")
	if err := pack(ctx, &r, data, db, archive, o); err != nil {
		return r, fmt.Errorf("backup to %s: %w", out, err)
	}
	if err := os.Rename(archive, out); err != nil {
		return r, fmt.Errorf("backup: %w", err)
	}
	return r, syncFolder(filepath.Dir(out))
}

// apart refuses an archive within the folder that is to be packed, and a folder without a
// database.
func apart(data, out string) error {
	if info, err := os.Stat(filepath.Join(data, Database)); err != nil {
		return fmt.Errorf("backup: there is no data of a server in %s: %w", data, err)
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("backup: %s in %s isn't a file", Database, data)
	}
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		return fmt.Errorf("backup: %s is a folder; name a file, such as %s", out, filepath.Join(out, "floorwalker.tar.zst"))
	}
	from, err := filepath.EvalSymlinks(data)
	if err == nil {
		from, err = filepath.Abs(from)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	to, err := filepath.EvalSymlinks(filepath.Dir(out))
	if err == nil {
		to, err = filepath.Abs(to)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if rel, err := filepath.Rel(from, to); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("backup: %s is within %s, and would be backed up itself the next time; choose another place", out, data)
	}
	return nil
}

// packer writes an archive.
type packer struct {
	ctx    context.Context
	tar    *tar.Writer
	report *Report
	sums   strings.Builder
	note   func(string)
}

// pack writes the whole archive and waits until it is on disk.
func pack(ctx context.Context, r *Report, data, db, archive string, o Options) (err error) {
	f, err := os.OpenFile(archive, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := zstd.NewWriter(f, zstd.WithEncoderConcurrency(1)) // the server beside it has other work
	if err != nil {
		return err
	}
	p := &packer{ctx: ctx, tar: tar.NewWriter(z), report: r, note: o.Progress}
	err = p.all(data, db)
	if err = errors.Join(err, p.tar.Close(), z.Close()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		r.Packed = info.Size()
	}
	return err
}

func (p *packer) all(data, db string) error {
	header, err := json.MarshalIndent(p.report.Header, "", "  ")
	if err != nil {
		return err
	}
	if err := p.text(headerName, append(header, '\n')); err != nil {
		return err
	}
	if err := p.file(db, Database, 0o600); err != nil {
		return err
	}
	if err := p.tree(data); err != nil {
		return err
	}
	return p.text(sumsName, []byte(p.sums.String()))
}

// tree packs everything of the data folder but the database. What goes while it is read isn't
// in the backup.
func (p *packer) tree(data string) error {
	return filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return gone(err)
		}
		rel, err := filepath.Rel(data, path)
		if err != nil || rel == "." {
			return err
		}
		if leftOut(rel) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return gone(err)
		}
		name := filepath.ToSlash(rel)
		switch {
		case strings.ContainsAny(name, "\n\\"):
			return fmt.Errorf("%q: a name with a line break or backslash can't be backed up; rename it", path)
		case info.IsDir():
			return p.head(&tar.Header{Typeflag: tar.TypeDir, Name: inside + name + "/", Mode: int64(info.Mode().Perm()), ModTime: info.ModTime()})
		case info.Mode().IsRegular():
			return gone(p.file(path, name, info.Mode().Perm()))
		}
		return fmt.Errorf("%s is neither file nor folder (%s) and can't be backed up; move it elsewhere", path, info.Mode().Type())
	})
}

// gone turns the error of a file that isn't there any more into none.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// file packs a file as long as it is now; what is appended to it later isn't read.
func (p *packer) file(path, name string, mode fs.FileMode) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if p.note != nil {
		p.note(name)
	}
	if err := p.head(&tar.Header{Typeflag: tar.TypeReg, Name: inside + name, Size: info.Size(), Mode: int64(mode), ModTime: info.ModTime()}); err != nil {
		return err
	}
	hash := sha256.New()
	n, err := io.CopyN(io.MultiWriter(p.tar, hash), reader{p.ctx, f}, info.Size())
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s got shorter while it was read; run the backup again", path)
	}
	if err != nil {
		return err
	}
	p.report.Files++
	p.report.Bytes += n
	_, err = fmt.Fprintf(&p.sums, "%s  %s%s\n", hex.EncodeToString(hash.Sum(nil)), inside, name)
	return err
}

func (p *packer) text(name string, content []byte) error {
	if err := p.head(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o600, ModTime: p.report.Created}); err != nil {
		return err
	}
	_, err := p.tar.Write(content)
	return err
}

func (p *packer) head(h *tar.Header) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	h.ModTime = h.ModTime.Truncate(time.Second)
	return p.tar.WriteHeader(h)
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
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
