package main

import (
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersionOfABuild(t *testing.T) {
	info := func(main string, settings ...string) *debug.BuildInfo {
		b := &debug.BuildInfo{Main: debug.Module{Version: main}}
		for i := 0; i < len(settings); i += 2 {
			b.Settings = append(b.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return b
	}
	const revision = "119c7764efb2961d8c30d16bf2527304b61baefa"
	for _, c := range []struct {
		linked string
		info   *debug.BuildInfo
		want   buildInfo
	}{
		{"v1.2-3-g119c776-dirty", info("(devel)"), buildInfo{"v1.2-3-g119c776-dirty", "", true}},
		{"v1.2", info("v0.0.1", "vcs.revision", revision), buildInfo{"v1.2", revision, false}},
		{"", info("v1.2.0"), buildInfo{"v1.2.0", "", false}}, // go install
		{"", info("v0.0.0-2026-119c7764efb2+dirty", "vcs.revision", revision, "vcs.modified", "true"), buildInfo{"v0.0.0-2026-119c7764efb2+dirty", revision, true}},
		{"", info("(devel)", "vcs.revision", revision, "vcs.modified", "true"), buildInfo{"119c7764efb2-dirty", revision, true}},
		{"", info("(devel)"), buildInfo{"devel", "", false}},
		{"", info(""), buildInfo{"devel", "", false}},
	} {
		if got := built(c.linked, c.info); got != c.want {
			t.Errorf("%q, %q: %+v, want %+v", c.linked, c.info.Main.Version, got, c.want)
		}
	}
}

func TestVersionTells(t *testing.T) {
	r := floorwalker(t, "", "version", "--json")
	var v versionInfo
	if err := json.Unmarshal([]byte(r.out), &v); err != nil {
		t.Fatal(err)
	}
	if v.Version == "" || v.Protocol != "floorwalker.v1" || v.Formats.Event < 1 || v.Formats.Heads < 1 || v.Formats.Backup < 1 ||
		v.Formats.Schema["store"] < 11 || v.Formats.Schema["journal"] < 3 || v.Runtime.SQLite == "" || v.Runtime.NATSServer == "" ||
		len(v.Runtime.Models) != 2 || v.Runtime.Models[0].Name != "onnxruntime" || v.Runtime.Models[0].There {
		t.Errorf("%s", r.out)
	}
	if r := floorwalker(t, "", "version"); !strings.HasPrefix(r.out, "floorwalker "+v.Version+"\n") || !strings.Contains(r.out, "missing: run `floorwalker models pull`") {
		t.Error(r.out)
	}
}

func TestHealth(t *testing.T) {
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off")
	_, port, _ := strings.Cut(s.address, ":")
	for _, c := range []struct {
		listen string
		code   int
		told   string
	}{
		{s.address, 0, ""},
		{"0.0.0.0:" + port, 0, ""},
		{":" + port, 0, ""},
		{"127.0.0.1:1", 1, "no server answers"},
		{"nowhere", 2, "HOST:PORT"},
	} {
		if r := floorwalker(t, "", "health", "--listen", c.listen); r.code != c.code || !strings.Contains(r.err, c.told) || c.code == 0 && r.out != "ready\n" {
			t.Errorf("%s: exit %d, %s%s", c.listen, r.code, r.out, r.err)
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if r := floorwalker(t, "", "health", "--listen", s.address); r.code != 1 {
		t.Errorf("of a server that has ended: exit %d", r.code)
	}
}
