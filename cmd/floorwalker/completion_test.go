package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		typed string // words; the last is being typed
		kind  string
		want  string // among the offers, first words
		not   string
	}{
		{"", "words", "serve version backup", "__complete"},
		{"se", "words", "serve", "chat"},
		{"serve --l", "words", "--listen --log-json", "--shop"},
		{"serve --shop ", "folders", "", ""},
		{"serve --demo ", "words", "--shop", "serve"},
		{"serve --shop=", "folders", "", ""},
		{"export --table ", "words", "orders stock", ""},
		{"export --table or", "words", "orders", "stock"},
		{"export --table=or", "words", "--table=orders", "--table=stock"},
		{"export --table = or", "words", "orders", "stock"},
		{"export --out ", "files", "", ""},
		{"export --table orders --o", "words", "--out", "--table"},
		{"import --from ", "files", "", ""},
		{"train ", "words", "intents", "serve"},
		{"restore --from ", "files", "", ""},
		{"backup --data ", "folders", "", ""},
		{"completion ", "words", "bash zsh fish", "serve"},
		{"serve --listen ", "words", "", "--shop"},
		{"dance --nothing=", "words", "", "serve"},
		{"dance --nothing x ", "words", "", "--nothing"},
	} {
		r := floorwalker(t, "", append([]string{"__complete", "--"}, strings.Split(c.typed, " ")...)...)
		lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
		var offers []string
		for _, l := range lines[1:] {
			word, _, _ := strings.Cut(l, "\t")
			offers = append(offers, word)
		}
		missing := slices.DeleteFunc(strings.Fields(c.want), func(w string) bool { return slices.Contains(offers, w) })
		if r.code != 0 || lines[0] != c.kind || len(missing) > 0 || slices.Contains(offers, c.not) || c.kind != "words" && len(offers) > 0 {
			t.Errorf("%q: exit %d, %s; want %s with %q and without %q", c.typed, r.code, r.out, c.kind, c.want, c.not)
		}
	}
}

// installed is a PATH with a floorwalker, for shells.
func installed(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	write(t, filepath.Join(bin, "floorwalker"), "#!/bin/sh\nexec env FLOORWALKER_TEST_MAIN=1 FLOORWALKER_CACHE='"+lexical+"' '"+os.Args[0]+"' \"$@\"\n")
	if err := os.Chmod(filepath.Join(bin, "floorwalker"), 0o700); err != nil {
		t.Fatal(err)
	}
	return bin + ":" + os.Getenv("PATH")
}

// The shells themselves complete.
func TestCompletionInTheShells(t *testing.T) {
	path := installed(t)
	files := t.TempDir()
	write(t, filepath.Join(files, "a b.zst"), "")
	if err := os.Mkdir(filepath.Join(files, "afolder"), 0o700); err != nil {
		t.Fatal(err)
	}
	// Each prints what completes the words of its arguments, one a line.
	for shell, script := range map[string]string{
		"bash": `source <(floorwalker completion bash) && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _floorwalker && printf '%s\n' "${COMPREPLY[@]}"`,
		"fish": `floorwalker completion fish | source; complete --do-complete "$(string join -- ' ' $argv)" | string replace -r '\t.*' ''; or true`,
		"zsh": `compdef() { :; }; _describe() { print -l -- "${(@)offers%%:*}"; }; _files() { [[ $1 == -/ ]] && print -l *(/) || print -l *; }
			source <(floorwalker completion zsh) && words=("$@") CURRENT=$# && _floorwalker`,
	} {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("SKIPPED, %s isn't here", shell)
			}
			ask := func(words ...string) []string {
				args := []string{"-c", script}
				if shell != "fish" {
					args = append(args, shell)
				}
				c := exec.Command(shell, append(args, words...)...)
				c.Dir, c.Env = files, append(os.Environ(), "PATH="+path, "HOME="+files)
				var complaints bytes.Buffer
				c.Stderr = &complaints
				out, err := c.Output()
				if err != nil || complaints.Len() > 0 {
					t.Fatalf("%v: %v\n%s%s", words, err, out, complaints.String())
				}
				return strings.Split(strings.TrimSpace(string(out)), "\n")
			}
			for _, c := range []struct{ typed, want, not string }{
				{"floorwalker ba", "backup", "serve"},
				{"floorwalker export --table o", "orders", "stock"},
				{"floorwalker serve --admin", "--admin-listen", "--listen"},
				{"floorwalker restore --from a", "a b.zst", ""},
				{"floorwalker backup --data a", "afolder", "a b.zst"},
			} {
				got := ask(strings.Split(c.typed, " ")...)
				for i := range got { // fish escapes, and both show folders with a slash
					got[i] = strings.ReplaceAll(strings.TrimSuffix(got[i], "/"), `\`, "")
				}
				if !slices.Contains(got, c.want) || slices.Contains(got, c.not) {
					t.Errorf("%s: %q, want %q and not %q", c.typed, got, c.want, c.not)
				}
			}
		})
	}
}
