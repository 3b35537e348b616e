package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/channels/web"
)

func TestOnlyOfferedCustomersAreSignedInAs(t *testing.T) {
	h := web.Handler(web.Options{
		Shop: func(string) (web.Shop, bool) { return web.Shop{ID: "demo"}, true },
		Demo: &web.Demo{
			Page: func(_ context.Context, locale string) (web.DemoPage, error) {
				return web.DemoPage{Customers: []web.DemoCustomer{{ID: "C1", Name: "Maya"}}, Try: []string{"in " + locale}}, nil
			},
			Token: func(customer string) (string, error) {
				if customer != "C1" {
					return "", web.ErrNotOffered
				}
				return "a token", nil
			},
		},
	})
	if code, body, _ := get(h, http.MethodGet, "/demo.json?locale=zh"); code != http.StatusOK || body != `{"customers":[{"id":"C1","name":"Maya"}],"try":["in zh"]}` {
		t.Errorf("%d %s", code, body)
	}
	for body, want := range map[string]int{`{"customer":"C1"}`: 200, `{"customer":"C2"}`: 403, `{"customer":""}`: 403, `{}`: 403, `x`: 400,
		`{"customer":"` + strings.Repeat("C", 5000) + `"}`: 400} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/demo/token", strings.NewReader(body)))
		if w.Code != want || (want == 200) != strings.Contains(w.Body.String(), `"a token"`) || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%.40s: %d %s %v", body, w.Code, w.Body, w.Header())
		}
	}
}

func TestNobodyIsSignedInWhereNothingIsTriedOut(t *testing.T) {
	w := httptest.NewRecorder()
	handler(nil).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/demo/token", strings.NewReader(`{"customer":"C1"}`)))
	if w.Code == http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
