package flow_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/floorwalker/floorwalker/dialog/builtin"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

func TestBuiltinFlowsAreSound(t *testing.T) {
	set := load(t, vocabulary(t), "")
	if len(set.Names()) < 20 {
		t.Errorf("only %d flows: %v", len(set.Names()), set.Names())
	}
	if set.Title("cancel_order", "zh-CN") != "取消订单" || set.Title("cancel_order", "fr") != "cancelling an order" {
		t.Error("titles")
	}
	if f := set.IntentFlows()["complaint"]; f != "complaint" {
		t.Error(f)
	}
}

func TestShopReplacesBuiltinFlow(t *testing.T) {
	set := load(t, vocabulary(t), "greet:\n  when: [greet]\n  steps: [{say: goodbye}]\n")
	if f := set.Flow("greet"); f.File != "flows/shop.yaml" {
		t.Error(f.File)
	}
}

// TestFaults compares what is wrong with testdata/check/*.txtar to what is said of it.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			shop, want := fstest.MapFS{}, ""
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
				} else {
					shop[f.Name] = &fstest.MapFile{Data: f.Data}
				}
			}
			set, faults := flow.Load(builtin.Files, shop, vocabulary(t))
			if set != nil {
				t.Error("a set in spite of faults")
			}
			got := faults.Error() + "\n"
			if got == want {
				return
			}
			if !*update {
				t.Fatalf("got\n%swant\n%s", got, want)
			}
			a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
			a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(got)})
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
