package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/dialog/backup"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/journal/journaltest"
)

func options() backup.Options {
	return backup.Options{Version: "v1", Now: func() time.Time { return time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC) }}
}

// dataFolder is one with a conversation, and what a server keeps beside it.
func dataFolder(t testing.TB) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	for name, text := range map[string]string{
		"admin.token":                       "secret\n",
		"keys/demo.key":                     "key",
		"nats/jetstream/$G/streams/s/1.blk": strings.Repeat("event", 10_000),
		"later/what no version knows yet":   "中文",
		"empty":                             "",
		"products/demo/current":             "made from the shop",
		"knowledge/demo/vectors":            "made from the shop",
		"before-restore-x/floorwalker.db":   "earlier",
	} {
		put(t, filepath.Join(data, name), text)
	}
	if err := os.MkdirAll(filepath.Join(data, "nats/jetstream/obs"), 0o750); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), filepath.Join(data, backup.Database), journal.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	j := journal.NewSQL(db, nil, new(journaltest.Clock).Now)
	if err := j.Begin(t.Context(), journaltest.Conversation("demo", "c1")); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"m1", "m2", "m3"} {
		if _, _, err := j.Say(t.Context(), "demo", "c1", id, journaltest.Said(id, "hello")); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return data
}

func put(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// files are the contents below a folder but the database's.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		switch {
		case err != nil || name == "." || strings.HasPrefix(name, backup.Database):
			return err
		case d.IsDir():
			all[name+"/"] = ""
			return nil
		}
		content, err := os.ReadFile(path)
		all[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBackupAndRestore(t *testing.T) {
	data := dataFolder(t)
	out := filepath.Join(t.TempDir(), "floorwalker.tar.zst")
	wrote, err := backup.Write(t.Context(), data, out, options())
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 || info.Size() != wrote.Packed {
		t.Errorf("%v, %v; the archive holds keys", info, err)
	}
	left, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	place := filepath.Join(t.TempDir(), "elsewhere")
	read, err := backup.Restore(t.Context(), out, place, options())
	if err != nil {
		t.Fatal(err)
	}
	if read.Files != wrote.Files || read.Bytes != wrote.Bytes || read.Epoch == wrote.Epoch || !read.Created.Equal(wrote.Created) || read.Floorwalker != "v1" {
		t.Errorf("%+v, was written as %+v", read, wrote)
	}
	want := files(t, data)
	maps.DeleteFunc(want, func(name, _ string) bool {
		return strings.HasPrefix(name, "products") || strings.HasPrefix(name, "knowledge") || strings.HasPrefix(name, "before-restore")
	})
	if got := files(t, place); !maps.Equal(got, want) || len(got) < 10 {
		t.Errorf("restored %v, want %v", got, want)
	}
	db, err := sqlite.Open(t.Context(), filepath.Join(place, backup.Database), journal.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	events, err := journal.NewSQL(db, nil, time.Now).Read(t.Context(), "demo", "c1", 0, 10)
	if err != nil || len(events) != 3 || db.Epoch() != read.Epoch {
		t.Errorf("%v, %v in epoch %s", events, err, db.Epoch())
	}
}

// Whoever has nothing but tar and sha256sum can look into a backup and check it.
func TestBackupIsPlain(t *testing.T) {
	for _, tool := range []string{"tar", "zstd", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED, %s isn't here", tool)
		}
	}
	out := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Write(t.Context(), dataFolder(t), out, options()); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("sh", "-c", `cd "$1" && tar --zstd -xf b && sha256sum --strict --quiet -c SHA256SUMS && cat floorwalker-backup.json`, "sh", filepath.Dir(out)).CombinedOutput()
	if err != nil || !strings.Contains(string(said), `"format": 1`) {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestRestoreRefusesAPlaceThatIsUsed(t *testing.T) {
	data := dataFolder(t)
	out := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Write(t.Context(), data, out, options()); err != nil {
		t.Fatal(err)
	}
	place := dataFolder(t)
	put(t, filepath.Join(place, "mine"), "precious")
	before := files(t, place)
	if _, err := backup.Restore(t.Context(), out, place, options()); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("a place that isn't empty: %v", err)
	}
	replace := options()
	replace.Replace = true
	db, err := sqlite.Open(t.Context(), filepath.Join(place, backup.Database))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), out, place, replace); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("a place that a server uses: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if now := files(t, place); !maps.Equal(now, before) {
		t.Errorf("what was refused has changed the place: %v", now)
	}
	r, err := backup.Restore(t.Context(), out, place, replace)
	if err != nil {
		t.Fatal(err)
	}
	if mine, err := os.ReadFile(filepath.Join(r.Kept, "mine")); string(mine) != "precious" || filepath.Dir(r.Kept) != place {
		t.Errorf("kept in %s: %s, %v", r.Kept, mine, err)
	}
	if _, err := os.Stat(filepath.Join(place, "mine")); err == nil {
		t.Error("what was there is among what was restored")
	}
	if err := backup.Unfinished(place); err != nil {
		t.Error(err)
	}
}

// A restore that ended in the middle, however it ended, isn't taken for a whole one.
func TestRestoreThatWasCut(t *testing.T) {
	out, place := filepath.Join(t.TempDir(), "b"), t.TempDir()
	if _, err := backup.Write(t.Context(), dataFolder(t), out, options()); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(place, ".restoring"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := backup.Unfinished(place); err == nil {
		t.Error("nobody is told")
	}
	if _, err := backup.Restore(t.Context(), out, place, options()); err == nil || !strings.Contains(err.Error(), ".restoring") {
		t.Errorf("the next one: %v", err)
	}
}

func TestBackupRefuses(t *testing.T) {
	data := dataFolder(t)
	link := dataFolder(t)
	if err := os.Symlink("/etc/passwd", filepath.Join(link, "keys", "other")); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	for _, c := range []struct{ data, out, told string }{
		{t.TempDir(), filepath.Join(elsewhere, "b"), "no data"},
		{data, filepath.Join(data, "b"), "is within"},
		{data, filepath.Join(data, "keys", "b"), "is within"},
		{data, filepath.Join(elsewhere, "none", "b"), "none"},
		{data, elsewhere, "is a folder"},
		{link, filepath.Join(elsewhere, "b"), "keys/other is neither"},
	} {
		if _, err := backup.Write(t.Context(), c.data, c.out, options()); err == nil || !strings.Contains(err.Error(), c.told) {
			t.Errorf("%s to %s: %v, want %q", c.data, c.out, err, c.told)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := backup.Write(ended, data, filepath.Join(elsewhere, "b"), options()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, err := os.ReadDir(elsewhere); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// entry is one of an archive that is made by hand.
type entry struct {
	name, text string
	kind       byte
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o777, Size: int64(len(e.text))}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		} else {
			h.Size, h.Linkname = 0, e.text
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := io.WriteString(w, e.text); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sum(name, text string) string { return fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(text)), name) }

func header(format int, schema map[string]int64) entry {
	text, _ := json.Marshal(backup.Header{Format: format, Floorwalker: "v9", Schema: schema})
	return entry{name: "floorwalker-backup.json", text: string(text)}
}

// What isn't a whole backup is refused and leaves nothing, inside or outside of the place.
func TestRestoreRefusesWhatIsNoBackup(t *testing.T) {
	out := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Write(t.Context(), dataFolder(t), out, options()); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	db, head := entry{name: "data/floorwalker.db", text: "db"}, header(1, nil)
	sums := entry{name: "SHA256SUMS", text: sum("data/floorwalker.db", "db")}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	cases := map[string][]byte{
		"nothing":                   nil,
		"another file":              []byte("hello"),
		"a changed byte":            flipped,
		"no header":                 archive(t, db, sums),
		"a later format":            archive(t, header(2, nil), db, sums),
		"later tables":              archive(t, header(1, map[string]int64{"journal": 999}), db, sums),
		"no sums":                   archive(t, head, db),
		"another content":           archive(t, head, entry{name: "data/floorwalker.db", text: "no"}, sums),
		"a file without a sum":      archive(t, head, db, entry{name: "data/more"}, sums),
		"a sum without a file":      archive(t, head, db, entry{name: sums.name, text: sums.text + sum("data/more", "")}),
		"no database":               archive(t, head, entry{name: "SHA256SUMS"}),
		"no SQLite":                 archive(t, head, db, sums),
		"a file twice":              archive(t, head, db, db, sums),
		"more after the end":        archive(t, head, db, sums, entry{name: "data/more"}),
		"a place outside":           archive(t, head, entry{name: "data/../../outside", text: "x"}, db, sums),
		"an absolute place":         archive(t, head, entry{name: "/tmp/outside", text: "x"}, db, sums),
		"no name":                   archive(t, head, entry{name: "data/", kind: tar.TypeDir}, db, sums),
		"a link":                    archive(t, head, entry{name: "data/keys", text: "..", kind: tar.TypeSymlink}, entry{name: "data/keys/x"}, db, sums),
		"a hard link":               archive(t, head, entry{name: "data/keys", text: "/etc/passwd", kind: tar.TypeLink}, db, sums),
		"a file in no folder":       archive(t, head, entry{name: "data/none/x"}, db, sums),
		"something that is no file": archive(t, head, entry{name: "data/pipe", kind: tar.TypeFifo}, db, sums),
	}
	for _, n := range []int{1, 100, len(good) / 3, len(good) / 2, len(good) - 1000, len(good) - 5, len(good) - 1} {
		cases[fmt.Sprintf("cut after %d of %d", n, len(good))] = good[:n]
	}
	for name, content := range cases {
		t.Run(name, func(t *testing.T) {
			around := t.TempDir()
			from, place := filepath.Join(around, "b"), filepath.Join(around, "place")
			if err := os.WriteFile(from, content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := backup.Restore(t.Context(), from, place, options())
			if err == nil || !errors.Is(err, backup.ErrDamaged) && !strings.HasPrefix(name, "a later") && !strings.HasPrefix(name, "later") {
				t.Errorf("came to %v", err)
			}
			if left, err := os.ReadDir(around); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// FuzzRestore looks for an archive that gets out of its place, or is taken though it isn't whole.
func FuzzRestore(f *testing.F) {
	db := entry{name: "data/floorwalker.db", text: "db"}
	f.Add("data/keys/../x", byte(tar.TypeReg), "x", sum("data/floorwalker.db", "db"))
	f.Add("data/keys", byte(tar.TypeSymlink), "..", sum("data/floorwalker.db", "db")+sum("data/keys", ""))
	f.Add("data//x", byte(tar.TypeDir), "", "")
	f.Fuzz(func(t *testing.T, name string, kind byte, text, sums string) {
		if len(name) > 90 || strings.ContainsRune(name, 0) || strings.ContainsRune(text, 0) || len(text) > 90 || !strings.ContainsRune("0125", rune(kind)) {
			t.Skip()
		}
		if kind == tar.TypeReg {
			kind = 0
		}
		around := t.TempDir()
		from, place := filepath.Join(around, "b"), filepath.Join(around, "place")
		content := archive(t, header(1, nil), db, entry{name, text, kind}, entry{name: "SHA256SUMS", text: sums})
		if err := os.WriteFile(from, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), from, place, options()); err == nil {
			t.Error("taken")
		}
		if left, err := os.ReadDir(around); err != nil || len(left) != 1 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}
