package web_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// most is what the whole widget may weigh on its way to a shopper, in bytes.
const most = 40_000

var imports = regexp.MustCompile(`(?:from|import) "(\./[^"]+)"`)

func TestWidgetIsSmallAndServedWhole(t *testing.T) {
	h := handler(nil)
	fetch := func(name string) (string, int) {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, name, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %d %v", name, w.Code, w.Header())
		}
		size := w.Body.Len()
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(z); err != nil {
			t.Fatal(err)
		}
		return text.String(), size
	}
	loader, total := fetch("/widget.js")
	served := map[string]bool{}
	for _, m := range imports.FindAllStringSubmatch(loader, -1) {
		name := path.Join("/", m[1])
		text, size := fetch(name)
		served[path.Base(name)] = true
		total += size
		for _, m := range imports.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(loader, path.Base(m[1])) {
				t.Errorf("%s imports %s, which the loader doesn't name", name, m[1])
			}
		}
		_, _, header := get(h, http.MethodGet, name)
		if !strings.Contains(header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(header.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: %v", name, header)
		}
	}
	_, size := fetch("/widget/now/widget.css")
	total += size
	t.Logf("the widget is %d bytes gzipped, %d modules", total, len(served))
	if total > most {
		t.Errorf("the widget is %d bytes gzipped; %d are the most", total, most)
	}
	files, err := os.ReadDir("widget")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if path.Ext(f.Name()) == ".js" && !served[f.Name()] {
			t.Errorf("%s is embedded and never loaded", f.Name())
		}
	}
	if _, _, header := get(h, http.MethodGet, "/widget/before/main.js"); header.Get("Cache-Control") != "no-cache" {
		t.Errorf("of a version that isn't this one: %v", header)
	}
}

func TestWidgetIsLoadedAnewOnlyWhenItChanged(t *testing.T) {
	h := handler(nil)
	_, _, header := get(h, http.MethodGet, "/widget.js")
	r := httptest.NewRequest(http.MethodGet, "/widget.js", nil)
	r.Header.Set("If-None-Match", header.Get("ETag"))
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusNotModified || header.Get("ETag") == "" {
		t.Errorf("%d with %q", w.Code, header.Get("ETag"))
	}
}

// Sites with a strict policy run none of these.
func TestWidgetNeedsNothingUnsafe(t *testing.T) {
	files, err := os.ReadDir("widget")
	if err != nil {
		t.Fatal(err)
	}
	unsafe := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|createElement\("style"|setAttribute\("style"`)
	for _, f := range files {
		data, err := os.ReadFile(path.Join("widget", f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if found := unsafe.Find(data); found != nil {
			t.Errorf("%s has %s", f.Name(), found)
		}
	}
}

// Both languages say the same things, and nothing is said that no module needs.
func TestWordsAreCompleteAndUsed(t *testing.T) {
	data, err := os.ReadFile("widget/words.js")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "en: {")
	english, rest, _ := strings.Cut(rest, "zh: {")
	chinese, _, _ := strings.Cut(rest, "\n};")
	keys := func(text string) (all []string) {
		for _, m := range regexp.MustCompile(`(?m)(?:^    |, )(\w+): ["\[]`).FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
		return all
	}
	en, zh := keys(english), keys(chinese)
	if len(en) < 30 || strings.Join(en, " ") != strings.Join(zh, " ") {
		t.Errorf("en: %v\nzh: %v", en, zh)
	}
	var code strings.Builder
	files, err := os.ReadDir("widget")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if path.Ext(f.Name()) == ".js" && f.Name() != "words.js" {
			text, err := os.ReadFile(path.Join("widget", f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			code.Write(text)
		}
	}
	for _, key := range en {
		if !strings.Contains(code.String(), `"`+key+`"`) {
			t.Errorf("nothing says %q", key)
		}
	}
}
