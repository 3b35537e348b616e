package web_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/floorwalker/floorwalker/channels/web"
)

func TestPicturesOfProducts(t *testing.T) {
	h := web.Handler(web.Options{Socket: http.NotFoundHandler(), Images: fstest.MapFS{
		"flask.svg":      {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		"lamps/desk.PNG": {Data: []byte("\x89PNG\r\n\x1a\n")},
		"notes.txt":      {Data: []byte("not for shoppers")},
		"page.html":      {Data: []byte("<script>alert(1)</script>")},
	}})
	for path, want := range map[string]int{
		"/images/flask.svg": http.StatusOK, "/images/lamps/desk.PNG": http.StatusOK,
		"/images/none.svg": http.StatusNotFound, "/images/notes.txt": http.StatusNotFound, "/images/page.html": http.StatusNotFound,
		"/images/": http.StatusNotFound, "/images/lamps/": http.StatusNotFound,
	} {
		code, body, header := get(h, http.MethodGet, path)
		if code != want || strings.Contains(body, "notes") {
			t.Errorf("%s: %d, want %d: %.60s", path, code, want, body)
		}
		csp := header.Get("Content-Security-Policy")
		if want == http.StatusOK && (!strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") || !strings.HasPrefix(header.Get("Content-Type"), "image/")) {
			t.Errorf("%s: a drawing opened by itself may run scripts: %v", path, header)
		}
	}
	if code, _, _ := get(handler(nil), http.MethodGet, "/images/flask.svg"); code != http.StatusNotFound {
		t.Errorf("a shop without pictures: %d", code)
	}
}
