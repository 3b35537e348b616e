package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestPruneOnTheCommandLine(t *testing.T) {
	data, feed := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "feed.tsv")
	write(t, feed, "id\ttitle\tprice\tavailability\nA\tLamp\t1.00 USD\tin_stock\n")
	imported := func(code int, told string, args ...string) {
		t.Helper()
		r := floorwalker(t, "", append([]string{"import", "--shop", demoShop, "--data", data}, args...)...)
		if r.code != code || !strings.Contains(r.out+r.err, told) {
			t.Errorf("%v: exit %d, want %d and %q\n%s%s", args, r.code, code, told, r.out, r.err)
		}
	}
	imported(0, "added")
	imported(2, "--prune", "--from", feed, "--prune-most")
	imported(1, "say --prune-most", "--from", feed, "--prune")
	imported(0, "removed", "--from", feed, "--prune", "--prune-most")
	if r := floorwalker(t, "", "export", "--shop", demoShop, "--data", data, "--table", "products", "--format", "shopify", "--out", "-"); r.code != 0 || !strings.Contains(r.out, "A,Lamp,") {
		t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	if r := floorwalker(t, "", "export", "--shop", demoShop, "--data", data, "--table", "customers", "--format", "merchant", "--out", "-"); r.code != 1 || !strings.Contains(r.err, "use products") {
		t.Errorf("exit %d\n%s", r.code, r.err)
	}
}
