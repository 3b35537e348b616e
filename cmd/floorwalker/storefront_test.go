package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// fetch gets or, with a body, posts.
func fetch(t *testing.T, url, body string) (int, string) {
	t.Helper()
	var response *http.Response
	var err error
	if body == "" {
		response, err = http.Get(url)
	} else {
		response, err = http.Post(url, "application/json", strings.NewReader(body))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// Only for trying out, and only customers whom the shop offers for it.
func TestNobodySignsInAsACustomerUnlessAskedFor(t *testing.T) {
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off")
	if code, body := fetch(t, "http://"+s.address+"/demo.json", ""); code != http.StatusNotFound {
		t.Errorf("demo.json: %d %s", code, body)
	}
	if code, body := fetch(t, "http://"+s.address+"/demo/token", `{"customer":"C1001"}`); code == http.StatusOK || strings.Contains(body, "token") {
		t.Errorf("token: %d %s", code, body)
	}
	s.kill()

	s = serving(t, "--demo", "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off")
	if code, body := fetch(t, "http://"+s.address+"/demo.json?locale=zh-CN", ""); code != http.StatusOK || !strings.Contains(body, `{"id":"C1001","name":"Maya Okafor"}`) ||
		!strings.Contains(body, "陈嘉明") || !strings.Contains(body, "配送要多久") {
		t.Errorf("demo.json: %d %s", code, body)
	}
	if code, body := fetch(t, "http://"+s.address+"/demo/token", `{"customer":"C1002"}`); code != http.StatusForbidden {
		t.Errorf("a customer who isn't offered: %d %s", code, body)
	}
	var signed struct{ Token string }
	code, body := fetch(t, "http://"+s.address+"/demo/token", `{"customer":"C1001"}`)
	if err := json.Unmarshal([]byte(body), &signed); err != nil || code != http.StatusOK {
		t.Fatalf("%d %s (%v)", code, body, err)
	}
	c, err := dial(t.Context(), s.url(), map[string]any{"type": "hello", "shop": "demo", "token": signed.Token})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if text := c.says(t, "m1", "Where is my order W10234?"); !strings.Contains(text, "W10234") {
		t.Errorf("signed in, and asked again: %q", text)
	}

	// The page's products are real, and from all over the shop.
	var shown struct {
		Cards []struct{ Product, Title string }
	}
	if code, body := fetch(t, "http://"+s.address+"/products.json?limit=8&locale=zh", ""); code != http.StatusOK || json.Unmarshal([]byte(body), &shown) != nil || len(shown.Cards) != 8 {
		t.Fatalf("%d %s", code, body)
	}
	families := map[string]bool{}
	for _, c := range shown.Cards {
		if strings.ContainsAny(c.Title, "abcdefghij") {
			t.Errorf("not in Chinese: %s", c.Title)
		}
		family, _, _ := strings.Cut(c.Product, "-")
		families[family] = true
	}
	if len(families) < 6 {
		t.Errorf("mostly the same: %v", families)
	}
}
