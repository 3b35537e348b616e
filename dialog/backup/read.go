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
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Bounds of what is read into memory of an archive that may be anybody's.
const (
	headerBytes = 1 << 20
	sumsBytes   = 64 << 20
	window      = 128 << 20
)

// unpacker reads an archive into a folder, out of which nothing can be written.
type unpacker struct {
	ctx    context.Context
	into   *os.Root
	report *Report
	sums   map[string]string // name → SHA-256 of what was unpacked, in hexadecimal
	begun  bool              // the header was read
	ended  bool              // the sums were read, and are those of what was unpacked
	note   func(string)
}

// unpack reads an archive into a folder and verifies it: everything in it is there with the
// content that was packed, and nothing else. Errors of the archive are ErrDamaged.
func unpack(ctx context.Context, from io.Reader, into *os.Root, r *Report, note func(string)) error {
	z, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(window))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer z.Close()
	u := &unpacker{ctx: ctx, into: into, report: r, sums: map[string]string{}, note: note}
	entries := tar.NewReader(reader{ctx, z})
	for {
		h, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return u.damaged(err)
		}
		if err := u.entry(h, entries); err != nil {
			return err
		}
	}
	if !u.ended {
		return fmt.Errorf("%w: it ends before its %s", ErrDamaged, sumsName)
	}
	if _, err := io.Copy(io.Discard, reader{ctx, z}); err != nil { // the compressed end has a checksum of its own
		return u.damaged(err)
	}
	return nil
}

// damaged marks an error of reading the archive, but for those of the caller's context.
func (u *unpacker) damaged(err error) error {
	if u.ctx.Err() != nil {
		return u.ctx.Err()
	}
	return fmt.Errorf("%w: it was cut or changed: %w", ErrDamaged, err)
}

// entry takes one entry of the archive.
func (u *unpacker) entry(h *tar.Header, content io.Reader) error {
	name, ours := strings.CutPrefix(h.Name, inside)
	switch {
	case u.ended:
		return fmt.Errorf("%w: %q comes after the end", ErrDamaged, h.Name)
	case !u.begun:
		if h.Name != headerName {
			return fmt.Errorf("%w: it begins with %q instead of %s", ErrDamaged, h.Name, headerName)
		}
		return u.header(content)
	case h.Name == sumsName:
		return u.end(content)
	case !ours || !local(strings.TrimSuffix(name, "/")):
		return fmt.Errorf("%w: %q isn't a place in the data folder", ErrDamaged, h.Name)
	case h.Typeflag == tar.TypeDir:
		return u.folder(strings.TrimSuffix(name, "/"), h)
	case h.Typeflag == tar.TypeReg:
		return u.file(name, h, content)
	}
	return fmt.Errorf("%w: %q is neither file nor folder", ErrDamaged, h.Name)
}

// local reports whether a name is that of a place below a folder, written in the one way that
// Write has.
func local(name string) bool {
	return filepath.IsLocal(filepath.FromSlash(name)) && path.Clean(name) == name && name != "." && !strings.ContainsAny(name, "\n\\\x00")
}

func (u *unpacker) header(content io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(content, headerBytes))
	if err != nil {
		return u.damaged(err)
	}
	if err := json.Unmarshal(text, &u.report.Header); err != nil {
		return fmt.Errorf("%w: its %s: %w", ErrDamaged, headerName, err)
	}
	u.begun = true
	return u.report.readable()
}

func (u *unpacker) folder(name string, h *tar.Header) error {
	err := u.into.Mkdir(filepath.FromSlash(name), fs.FileMode(h.Mode).Perm()|0o700)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: folder %q: %w", ErrDamaged, name, err)
	}
	return err
}

func (u *unpacker) file(name string, h *tar.Header, content io.Reader) (err error) {
	if u.note != nil {
		u.note(name)
	}
	f, err := u.into.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fs.FileMode(h.Mode).Perm()|0o600)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %q: %w", ErrDamaged, name, err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	source := &source{Reader: content}
	n, err := io.Copy(io.MultiWriter(f, hash), source)
	if source.err != nil {
		return u.damaged(source.err)
	}
	if err != nil {
		return err
	}
	u.sums[inside+name] = hex.EncodeToString(hash.Sum(nil))
	u.report.Files++
	u.report.Bytes += n
	return f.Sync()
}

// source keeps an error of reading, to be told from one of writing.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// end compares the sums with what was unpacked.
func (u *unpacker) end(content io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(content, sumsBytes))
	if err != nil {
		return u.damaged(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		got, there := u.sums[name]
		switch {
		case !there:
			return fmt.Errorf("%w: %q is missing", ErrDamaged, name)
		case got != sum:
			return fmt.Errorf("%w: %q has SHA-256 %s, and had %s when it was backed up", ErrDamaged, name, got, sum)
		}
		listed[name] = true
	}
	for name := range u.sums {
		if !listed[name] {
			return fmt.Errorf("%w: %q isn't in its %s", ErrDamaged, name, sumsName)
		}
	}
	if !listed[inside+Database] {
		return fmt.Errorf("%w: there is no %s in it", ErrDamaged, Database)
	}
	u.ended = true
	return nil
}
