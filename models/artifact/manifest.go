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

const manifestName = "manifest.json"

// manifest says what a folder of the cache holds and where it came from.
type manifest struct {
	Name    string `json:"name"`
	Package string `json:"package"`
	Version string `json:"version"`
	Wheel   string `json:"wheel_sha256"`
	Licence string `json:"licence"`
	Files   []file `json:"files"`
}

func (a artefact) manifest() manifest {
	return manifest{a.name, a.pkg, a.version, a.wheel.sha256, a.licence, a.files}
}

// check reports whether an artefact is in its folder and whole as far as sizes tell.
func (c *Cache) check(a artefact) error {
	folder := c.folder(a)
	content, err := os.ReadFile(filepath.Join(folder, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("artifact: %s in %s: %w", a.name, c.dir, ErrMissing)
	}
	if err != nil {
		return fmt.Errorf("artifact: %s: %w", a.name, err)
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil || !slices.Equal(m.Files, a.files) {
		return fmt.Errorf("artifact: %s in %s is damaged: %w", a.name, folder, ErrMissing)
	}
	for _, f := range m.Files {
		info, err := os.Stat(filepath.Join(folder, f.Name))
		if err != nil || info.Size() != f.Bytes {
			return fmt.Errorf("artifact: %s in %s is damaged: %w", f.Name, folder, ErrMissing)
		}
	}
	return nil
}
