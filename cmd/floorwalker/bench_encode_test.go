package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/floorwalker/floorwalker/models/artifact"
)

// TestBenchEncode measures for a moment: what is found is no matter here, that all of it is found is.
func TestBenchEncode(t *testing.T) {
	cache, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Locate(); err != nil && os.Getenv("FLOORWALKER_REQUIRE_MODELS") == "" {
		t.Skipf("SKIPPED, the models aren't here: %v", err)
	}
	c := exec.Command(os.Args[0], "bench", "encode", "--shop", demoShop, "--seconds", "3", "--clients", "4", "--json")
	c.Env = append(os.Environ(), "FLOORWALKER_TEST_MAIN=1")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]float64
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"understand_to_encoder", "encode_to_best_batch", "understand_to_best_batch", "loaded_to_idle_p99"} {
		if all[name] <= 0 {
			t.Errorf("%s is %v in %s", name, all[name], out)
		}
	}
}
