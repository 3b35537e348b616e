package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The example of docs/skills.md: a shop whose repairs are booked by a program of its own.
func TestAProgramOfTheShopBooksRepairs(t *testing.T) {
	overlay := filepath.Join("..", "..", "docs", "examples", "repairs", "shop")
	shop := demo(t)
	if err := os.RemoveAll(filepath.Join(shop, "tests")); err != nil {
		t.Fatal(err)
	}
	if err := copyOver(shop, overlay); err != nil {
		t.Fatal(err)
	}
	program := repairs(t)
	file := filepath.Join(shop, "skills", "repairs.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.ReplaceAll(string(text), "127.0.0.1:9191", program))
	if r := floorwalker(t, "", "check", "--shop", shop); r.code != 0 {
		t.Fatalf("check: %s%s", r.out, r.err)
	}
	for locale, c := range map[string]struct{ said, want string }{
		"en": {"I need a repair\nW10231\nDaniel Reyes 78704\nthe lid leaks\nyes please\n", "Booked: repair R-100"},
		"zh": {"我要报修\nW10229\nAisha Karim 11215\n漏水\n好的\n", "预约好了：维修单号 R-100"},
	} {
		r := floorwalker(t, c.said, "chat", "--shop", shop, "--data", t.TempDir(), "--locale", locale)
		if r.code != 0 || !strings.Contains(r.out, c.want) || !strings.Contains(r.out, "25.00") {
			t.Errorf("%s: exit %d\n%s\n%s", locale, r.code, r.out, r.err)
		}
	}
}

// What docs/skills.md shows of the example stands in it.
func TestTheExampleIsAsDocumented(t *testing.T) {
	document, err := os.ReadFile("../../docs/skills.md")
	if err != nil {
		t.Fatal(err)
	}
	var files strings.Builder
	for _, name := range []string{"skills/repairs.yaml", "flows/repairs.yaml"} {
		text, err := os.ReadFile("../../docs/examples/repairs/shop/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files.Write(text)
	}
	n := 0
	for _, block := range fenced.FindAllStringSubmatch(string(document), -1) {
		if block[1] == "yaml" {
			n++
			if !strings.Contains(files.String(), block[2]) {
				t.Errorf("not in the example:\n%s", block[2])
			}
		}
	}
	if n == 0 {
		t.Error("the document shows nothing of it")
	}
}

// repairs starts the program, and returns its address once it answers.
func repairs(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "repairs")
	build := exec.Command("go", "build", "-o", binary, "./docs/examples/repairs")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := exec.Command(binary)
	c.Env = append(os.Environ(), "LISTEN="+address)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return address
		}
		if time.Now().After(end) {
			t.Fatal("the program doesn't answer")
		}
	}
}

// copyOver copies files into a folder that is there.
func copyOver(to, from string) error {
	return filepath.WalkDir(from, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), text, 0o644)
	})
}
