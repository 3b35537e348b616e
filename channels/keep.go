package channels

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Keep returns the secret kept in a file, without space around it. A missing file is made, with
// what fresh returns; made says so. A process that is killed leaves the whole file or none, and of
// several that make it at once all return the one that stayed.
func Keep(path string, fresh func() string) (secret string, made bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if made, err = create(path, fresh()+"\n"); err == nil {
			text, err = os.ReadFile(path)
		}
	}
	return strings.TrimSpace(string(text)), made, err
}

// create writes a file that only its owner reads, unless there is one.
func create(path, text string) (made bool, err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	temp, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return false, err
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(text)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return false, fmt.Errorf("writing %s: %w", path, err)
	}
	switch err := os.Link(temp.Name(), path); {
	case errors.Is(err, fs.ErrExist):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}
