package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels/web"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

func handler(ready func() error) http.Handler {
	return web.Handler(web.Options{
		Socket: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the socket") }),
		Shop: func(id string) (web.Shop, bool) {
			shop := web.Shop{ID: "demo", Name: map[string]string{"en": "Lantern <Lane>", "zh": "灯巷"}, Locales: []string{"en", "zh"},
				Notices: map[string]catalog.Text{"consent": {"en": "We keep this."}}, Origins: []string{"https://www.example.com"}}
			return shop, id == "" || id == "demo"
		},
		Products: func(_ context.Context, shop, locale string, limit int) ([]journal.Card, error) {
			if locale == "down" {
				return nil, errors.New("/secret/path/shop.db is locked")
			}
			return make([]journal.Card, min(limit, 100)), nil
		},
		Ready: ready,
	})
}

func get(h http.Handler, method, path string) (int, string, http.Header) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code, w.Body.String(), w.Header()
}

func TestWhatIsNotThereLeadsBackToTheShop(t *testing.T) {
	h := handler(func() error { return nil })
	for _, path := range []string{"/nothing", "/products/kettle", "/%2e%2e/web.go"} {
		code, page, header := get(h, http.MethodGet, path)
		if code != http.StatusNotFound || !strings.HasPrefix(header.Get("Content-Type"), "text/html") || !strings.Contains(page, `href="/"`) || !strings.Contains(page, "页面不存在") {
			t.Errorf("%s: %d %v %s", path, code, header, page)
		}
	}
}

func TestPageIsServedWholeAndKeepsToItself(t *testing.T) {
	h := handler(func() error { return nil })
	code, page, header := get(h, http.MethodGet, "/")
	if code != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "text/html") || !strings.Contains(page, "<title>") {
		t.Fatalf("%d %v", code, header)
	}
	parts := regexp.MustCompile(`(?:src|href)="([^"#:]+)"`).FindAllStringSubmatch(page, -1)
	if len(parts) < 3 {
		t.Errorf("the page names only %v", parts)
	}
	for _, part := range parts {
		if code, _, _ := get(h, http.MethodGet, "/"+strings.TrimPrefix(strings.TrimPrefix(part[1], "."), "/")); code != http.StatusOK {
			t.Errorf("%s: %d", part[1], code)
		}
	}
	// The policy forbids scripts and styles within the page.
	for _, inline := range []string{`<script>`, `<style`, ` style="`, ` onclick=`, ` onload=`} {
		if strings.Contains(page, inline) {
			t.Errorf("the page has %q, which its own policy forbids", inline)
		}
	}
}

func TestHeadersEverywhere(t *testing.T) {
	h := handler(func() error { return nil })
	for _, path := range []string{"/", "/page.js", "/widget.js", "/widget/now/main.js", "/shop.json", "/healthz", "/readyz", "/v1/chat", "/nothing"} {
		code, _, header := get(h, http.MethodGet, path)
		csp := header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") ||
			header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, header)
		}
		if want := map[bool]int{true: http.StatusNotFound, false: http.StatusOK}[path == "/nothing"]; code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
	for _, path := range []string{"/../web.go", "/..%2fweb.go", "/web.go", "/page/index.html", "/demo.json", "/widget/now/none.js", "/widget/now/../web.go", "/widget/"} {
		if code, body, _ := get(h, http.MethodGet, path); code == http.StatusOK {
			t.Errorf("%s: %.50s", path, body)
		}
	}
}

func TestShopIsTold(t *testing.T) {
	code, body, header := get(handler(nil), http.MethodGet, "/shop.json")
	var shop web.Shop
	if err := json.Unmarshal([]byte(body), &shop); err != nil || code != http.StatusOK || header.Get("Content-Type") != "application/json" ||
		shop.ID != "demo" || shop.Name["en"] != "Lantern <Lane>" || shop.Notices["consent"]["en"] != "We keep this." {
		t.Errorf("%d %s (%v)", code, body, err)
	}
	if strings.Contains(body, "example.com") {
		t.Errorf("strangers learn where the shop's sites are: %s", body)
	}
	if code, _, _ := get(handler(nil), http.MethodGet, "/shop.json?shop=none"); code != http.StatusNotFound {
		t.Errorf("an unknown shop: %d", code)
	}
}

// The socket's refusal tells a browser nothing, so the shop's answer must.
func TestPagesOfOtherSitesAreToldWhetherTheyMayTalk(t *testing.T) {
	for origin, want := range map[string]int{"https://www.example.com": http.StatusOK, "http://example.com": http.StatusOK,
		"https://evil.example": http.StatusForbidden, "null": http.StatusForbidden} { // httptest's host is example.com
		r := httptest.NewRequest(http.MethodGet, "/shop.json?shop=demo", nil)
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		handler(nil).ServeHTTP(w, r)
		if w.Code != want || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v", origin, w.Code, w.Header())
		}
		if want == http.StatusForbidden && !strings.Contains(w.Body.String(), "channels.websocket.origins") {
			t.Errorf("%s: it isn't told why: %s", origin, w.Body)
		}
	}
}

func TestProductsAreFewAndTheirTroubleIsTheShops(t *testing.T) {
	for query, want := range map[string]struct{ code, cards int }{"": {200, 60}, "?limit=3": {200, 3}, "?limit=1000000": {200, 60},
		"?limit=0": {400, 0}, "?limit=x": {400, 0}, "?shop=none": {404, 0}, "?locale=down": {503, 0}} {
		code, body, _ := get(handler(nil), http.MethodGet, "/products.json"+query)
		if code != want.code || strings.Count(body, `"product"`) != want.cards || strings.Contains(body, "secret") {
			t.Errorf("%s: %d %s", query, code, body)
		}
	}
}

func TestReadiness(t *testing.T) {
	code, body, _ := get(handler(func() error { return errors.New("/secret/path/shop.db is locked") }), http.MethodGet, "/readyz")
	if code != http.StatusServiceUnavailable || strings.Contains(body, "secret") {
		t.Errorf("%d %s: strangers learn no more than that", code, body)
	}
	if code, _, _ := get(handler(func() error { return errors.New("no") }), http.MethodGet, "/healthz"); code != http.StatusOK {
		t.Errorf("it is alive all the same: %d", code)
	}
}
