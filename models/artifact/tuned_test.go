package artifact

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// small is a cache that has pulled an encoder of the right names and a few bytes.
func small(t *testing.T) *Cache {
	t.Helper()
	content := map[string]string{modelName: "graph", weightsName: "weights", vocabularyName: "words"}
	c := &Cache{dir: t.TempDir(), table: []artefact{{name: "base", licence: "MIT"}}}
	a := &c.table[0]
	for _, name := range []string{modelName, weightsName, vocabularyName} {
		a.files = append(a.files, embedded(name, []byte(content[name])))
	}
	folder := t.TempDir()
	for name, text := range content {
		write(t, filepath.Join(folder, name), text)
	}
	if err := c.publish(a.manifest(), folder, c.folder(*a)); err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// trained is what models/train writes to a folder: its manifest is in the form of that of its own test.
func trained(t *testing.T, weights string) string {
	t.Helper()
	folder := t.TempDir()
	content := map[string]string{cardName: "# tuned\n", modelName: "graph", vocabularyName: "words", weightsName: weights}
	for name, text := range content {
		write(t, filepath.Join(folder, name), text)
	}
	m, err := readManifest(filepath.Join("..", "train", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range m.Files {
		m.Files[i] = embedded(f.Name, []byte(content[f.Name]))
	}
	save(t, folder, m)
	return folder
}

func save(t *testing.T, folder string, m manifest) {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, manifestName), string(text))
}

func TestWhatTrainingWritesIsBroughtInAndPinned(t *testing.T) {
	c := small(t)
	before, err := c.Locate()
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.Bring(t.Context(), trained(t, "WEIGHTS"), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Bring(t.Context(), trained(t, "wEIGHTs"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Bring(t.Context(), trained(t, "WEIGHTS"), nil); err != nil || again != first || first == second {
		t.Fatalf("%s, then %s and %s, %v", first, second, again, err)
	}
	if now, err := c.Locate(); err != nil || now != before {
		t.Fatalf("bringing in changed what is in use: %+v, %v", now, err)
	}
	for _, version := range []string{first, second} {
		if err := c.Pin(version); err != nil {
			t.Fatal(err)
		}
	}
	now, err := c.Locate()
	if content, _ := os.ReadFile(now.Weights); err != nil || now.Version != second || string(content) != "wEIGHTs" {
		t.Fatalf("%+v with %q, %v", now, content, err)
	}
	all, err := c.Encoders()
	if err != nil || len(all) != 3 || all[0].Version != before.Version || all[0].InUse {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, e := range all {
		if e.InUse != (e.Version == second) {
			t.Errorf("%+v", e)
		}
	}
	for _, want := range []string{first, before.Version} {
		if got, err := c.Rollback(); err != nil || got != want {
			t.Errorf("back to %q, %v, not %q", got, err, want)
		}
	}
	if now, err := c.Locate(); err != nil || now != before {
		t.Errorf("in the end %+v, %v", now, err)
	}
	if _, err := c.Rollback(); err == nil {
		t.Error("went back from where it began")
	}
}

func TestOnlyWeightsMayDiffer(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, folder string, m *manifest){
		"another graph": func(t *testing.T, folder string, m *manifest) {
			write(t, filepath.Join(folder, modelName), "other")
			m.Files[1] = embedded(modelName, []byte("other"))
		},
		"weights of another size": func(_ *testing.T, _ string, m *manifest) { m.Files[3].Bytes++ },
		"weights were changed": func(t *testing.T, folder string, _ *manifest) {
			write(t, filepath.Join(folder, weightsName), "changed")
		},
		"a file is missing":     func(_ *testing.T, _ string, m *manifest) { m.Files = m.Files[1:] },
		"a file outside":        func(_ *testing.T, _ string, m *manifest) { m.Files[0].Name = "../" + cardName },
		"a name that is a path": func(_ *testing.T, _ string, m *manifest) { m.Name = "../../tuned" },
		"the name of the base":  func(_ *testing.T, _ string, m *manifest) { m.Name = "base" },
		"weights that aren't there": func(t *testing.T, folder string, _ *manifest) {
			if err := os.Remove(filepath.Join(folder, weightsName)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, folder := small(t), trained(t, "WEIGHTS")
			m, err := readManifest(folder)
			if err != nil {
				t.Fatal(err)
			}
			spoil(t, folder, &m)
			save(t, folder, m)
			if version, err := c.Bring(t.Context(), folder, nil); err == nil {
				t.Errorf("was brought in as %s", version)
			}
			if all, err := c.Encoders(); err != nil || len(all) != 1 {
				t.Errorf("%+v, %v", all, err)
			}
			if left, err := filepath.Glob(filepath.Join(c.dir, temporary+"*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
	if _, err := small(t).Bring(t.Context(), t.TempDir(), nil); !errors.Is(err, ErrTuned) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestAPinnedEncoderThatIsGoneIsSaid(t *testing.T) {
	c := small(t)
	if err := c.Pin("other-0123456789abcdef"); !errors.Is(err, ErrNoEncoder) {
		t.Fatalf("pinned what isn't there: %v", err)
	}
	version, err := c.Bring(t.Context(), trained(t, "WEIGHTS"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Pin(version); err != nil {
		t.Fatal(err)
	}
	all, err := c.Encoders()
	if err != nil {
		t.Fatal(err)
	}
	gone := slices.IndexFunc(all, func(e HeldEncoder) bool { return e.InUse })
	if err := os.RemoveAll(all[gone].Folder); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Locate(); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "models rollback") {
		t.Errorf("says %v", err)
	}
	if _, err := c.Rollback(); err != nil {
		t.Error(err)
	}
	if _, err := c.Locate(); err != nil {
		t.Error(err)
	}
}

func TestADamagedChoiceIsSaid(t *testing.T) {
	c := small(t)
	write(t, filepath.Join(c.dir, choiceName), "{")
	if _, err := c.Locate(); err == nil || !strings.Contains(err.Error(), choiceName) {
		t.Errorf("says %v", err)
	}
}
