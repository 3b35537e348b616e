package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestWidget drives the widget, and the desk, in Chromium against servers that it starts, kills and starts
// again: see channels/web/browser.
func TestWidget(t *testing.T) {
	if testing.Short() {
		t.Skip("browsers take long")
	}
	dir, err := filepath.Abs("../../channels/web/browser")
	if err != nil {
		t.Fatal(err)
	}
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "chromium"
	}
	found := map[string]string{}
	for _, program := range []string{"node", "npm", chromium} {
		if found[program], err = exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("the widget and the desk can't be tried: %v", err)
			}
			t.Skipf("THE WIDGET AND THE DESK AREN'T TRIED IN A BROWSER: %v. Install Node 20 and Chromium (Debian: apt-get install chromium), or name yours in CHROMIUM", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	run := func(name string, args ...string) {
		c := exec.CommandContext(ctx, name, args...)
		c.Dir = dir
		shop, err := filepath.Abs(demoShop)
		if err != nil {
			t.Fatal(err)
		}
		// The test binary is a floorwalker to whoever starts it so.
		c.Env = append(os.Environ(), "FLOORWALKER_TEST_MAIN=1", "FLOORWALKER_CACHE="+lexical, "FLOORWALKER_SERVER="+self(t), "FLOORWALKER_SHOP="+shop, "CHROMIUM="+found[chromium])
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		} else {
			t.Logf("%s", out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		run(found["npm"], "ci", "--ignore-scripts")
	}
	run(found["node"], "--test", "--test-reporter=spec")
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
