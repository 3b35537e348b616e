package onnx_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/e5"
	"github.com/floorwalker/floorwalker/models/onnx"
)

// open loads the pulled encoder; without it the test is skipped, or fails where models are
// required.
func open(t testing.TB, opts onnx.Options) *onnx.Encoder {
	t.Helper()
	cache, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	files, err := cache.Locate()
	if errors.Is(err, artifact.ErrMissing) && os.Getenv("FLOORWALKER_REQUIRE_MODELS") == "" {
		t.Skipf("SKIPPED, the models aren't here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	encoder, err := onnx.Open(files, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := encoder.Close(); err != nil {
			t.Error(err)
		}
	})
	return encoder
}

func encode(t testing.TB, e *onnx.Encoder, texts ...string) [][]float32 {
	t.Helper()
	vectors, err := e.Encode(t.Context(), models.Query, texts)
	if err != nil {
		t.Fatal(err)
	}
	return vectors
}

func cosine(a, b []float32) float64 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

// The pairs differ by more than .015 in float32: quantising moves a cosine a little, so closer
// ones may change places ("想问一下包裹什么时候能送到" against "你们卖台灯吗？" does).
func TestWhatMeansTheSameIsNearer(t *testing.T) {
	e := open(t, onnx.Options{})
	for _, c := range []struct{ text, same, other string }{
		{"Where is my order?", "I want to know when my package arrives", "Do you sell desk lamps?"},
		{"我的订单到哪里了？", "我的包裹什么时候到？", "你们卖台灯吗？"},
		{"I'd like to return these shoes", "我想把这双鞋退掉", "What are your opening hours?"},
		{"how do I cancel", "怎么取消订单", "有没有红色的杯子"},
	} {
		v := encode(t, e, c.text, c.same, c.other)
		if near, far := cosine(v[0], v[1]), cosine(v[0], v[2]); near <= far {
			t.Errorf("%q: %.3f to %q, but %.3f to %q", c.text, near, c.same, far, c.other)
		}
	}
}

func TestVectorsAreUnitLengthWhateverTheText(t *testing.T) {
	e := open(t, onnx.Options{})
	texts := []string{"", " ", "\x00", "bad \xff\xfe bytes", "</s></s><pad>", "😀", strings.Repeat("very long ", 3000),
		strings.Repeat("很长", 3000), "สวัสดี"}
	for i, v := range encode(t, e, texts...) {
		if len(v) != e.Dim() {
			t.Fatalf("%.20q has %d numbers", texts[i], len(v))
		}
		if n := math.Sqrt(cosine(v, v)); math.Abs(n-1) > 1e-3 {
			t.Errorf("%.20q has length %v", texts[i], n)
		}
	}
}

func TestVectorsComeInTheOrderOfTheTexts(t *testing.T) {
	e, alone := open(t, onnx.Options{}), open(t, onnx.Options{Cache: -1})
	var texts []string
	for i := range 40 {
		texts = append(texts, fmt.Sprint("order ", i, strings.Repeat(" and another thing", i%5)), "same text twice")
	}
	for i, v := range encode(t, e, texts...) {
		one := encode(t, alone, texts[i])[0]
		if c := cosine(v, one); c < .9999 { // who else writes at the same time changes nothing
			t.Errorf("%q: cosine %.6f with itself encoded alone", texts[i], c)
		}
	}
}

// tuned is an encoder as models/train writes it, made from the pulled one by changing what its last
// layer adds to every vector.
func tuned(t *testing.T, files artifact.Located) string {
	t.Helper()
	folder := t.TempDir()
	type file struct {
		Name   string `json:"name"`
		Bytes  int    `json:"bytes"`
		SHA256 string `json:"sha256"`
	}
	var list []file
	put := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
		list = append(list, file{name, len(content), fmt.Sprintf("%x", sha256.Sum256(content))})
	}
	put("card.md", []byte("# a test\n"))
	for _, path := range []string{files.Model, files.Vocabulary, files.Weights} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if path == files.Weights {
			const lastBias = 32764464 // of l11.oln.b, as models/e5/build/layout.json has it
			bias := content[lastBias:][:4*e5.Dim]
			for i := 0; i < len(bias); i += 8 {
				v := math.Float32frombits(binary.LittleEndian.Uint32(bias[i:]))
				binary.LittleEndian.PutUint32(bias[i:], math.Float32bits(v+.2))
			}
		}
		put(filepath.Base(path), content)
	}
	manifest, err := json.Marshal(map[string]any{"name": "tuned-test", "files": list})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "manifest.json"), manifest, 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

// A cache beside the real one, so that nobody else gets the encoder that is pinned in it.
func TestATunedEncoderIsServed(t *testing.T) {
	base := open(t, onnx.Options{})
	own, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	files, err := own.Locate()
	if err != nil {
		t.Fatal(err)
	}
	runtime, dir := files.Runtime, t.TempDir()
	for _, path := range []string{files.Runtime, files.Model} {
		if err := os.Symlink(filepath.Dir(path), filepath.Join(dir, filepath.Base(filepath.Dir(path)))); err != nil {
			t.Fatal(err)
		}
	}
	cache, err := artifact.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	version, err := cache.Bring(t.Context(), tuned(t, files), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := cache.Pin(version); err != nil {
		t.Fatal(err)
	}
	if files, err = cache.Locate(); err != nil {
		t.Fatal(err)
	}
	files.Runtime = runtime // a process loads one, by one path
	e, err := onnx.Open(files, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	text := "where is my order"
	if e.Version() == base.Version() || e.Version() != version {
		t.Errorf("its version is %s", e.Version())
	}
	was, now := encode(t, base, text)[0], encode(t, e, text)[0]
	if c := cosine(was, now); c > .999 || c < .3 || math.Abs(cosine(now, now)-1) > 1e-3 {
		t.Errorf("cosine %.4f with what it was, length² %.4f", c, cosine(now, now))
	}
}

func TestPurposesDiffer(t *testing.T) {
	e := open(t, onnx.Options{})
	text := []string{"free returns within 30 days"}
	query := encode(t, e, text...)
	passage, err := e.Encode(t.Context(), models.Passage, text)
	if err != nil {
		t.Fatal(err)
	}
	if cosine(query[0], passage[0]) > .9999 {
		t.Error("a query and a passage of the same text have the same vector")
	}
	if _, err := e.Encode(t.Context(), "poem", text); err == nil {
		t.Error("an unknown purpose was taken")
	}
}

func TestAResultIsTheCallersOwn(t *testing.T) {
	e := open(t, onnx.Options{})
	first := encode(t, e, "hello")[0]
	first[0] = 42
	if again := encode(t, e, "hello")[0]; again[0] == 42 {
		t.Error("changing a result changed the remembered one")
	}
}

func TestCancelStopsTheWork(t *testing.T) {
	e := open(t, onnx.Options{Cores: 1, Cache: -1})
	texts := make([]string, 200)
	for i := range texts {
		texts[i] = fmt.Sprint(i, strings.Repeat(" a long text that takes a while", 60))
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan struct{})
	go func() {
		defer close(first)
		encode(t, e, "the model is warm")
		cancel()
	}()
	if _, err := e.Encode(ctx, models.Query, texts); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-first
	if _, err := e.Encode(ctx, models.Query, texts[:1]); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	encode(t, e, "still serves")
}

func TestManyEncodeAtOnce(t *testing.T) {
	e := open(t, onnx.Options{Cache: 8})
	want := encode(t, e, "is it in stock")[0]
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 5 {
				v, err := e.Encode(t.Context(), models.Query, []string{"is it in stock", fmt.Sprint("question ", g, i)})
				if err != nil {
					t.Error(err)
				} else if cosine(v[0], want) < .98 {
					t.Errorf("cosine %.4f", cosine(v[0], want))
				}
			}
		})
	}
	all.Wait()
}

func TestTextsOfManyCallersShareRuns(t *testing.T) {
	counted := prometheus.NewRegistry()
	e := open(t, onnx.Options{Cores: 1, Cache: -1, Metrics: counted})
	alone, stopped := encode(t, e, "where is order 7")[0], make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // somebody who leaves takes nothing of the others'
		defer close(stopped)
		_, _ = e.Encode(ctx, models.Query, []string{"I leave before it is answered"})
	}()
	const callers = 60
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			v, err := e.Encode(t.Context(), models.Query, []string{fmt.Sprint("where is order ", i%10)})
			if err != nil {
				t.Error(err)
			} else if c := cosine(v[0], alone); i%10 == 7 && c < .9999 {
				t.Errorf("cosine %.4f with itself encoded alone", c)
			}
			if i == callers/2 {
				cancel()
			}
		})
	}
	all.Wait()
	cancel()
	<-stopped
	families, err := counted.Gather()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			count[name] = m.GetCounter().GetValue()
		}
	}
	if texts, runs := count["floorwalker_encoder_texts_total encoded"], count["floorwalker_encoder_runs_total"]; texts < callers || runs*2 > texts {
		t.Errorf("%v texts took %v runs", texts, runs)
	}
}

func TestADeadlineEndsTheWait(t *testing.T) {
	e := open(t, onnx.Options{Cores: 1, Queue: 1, Cache: -1})
	busy, done := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 4 { // one runs, one waits, and the others find no room
		all.Go(func() {
			_, _ = e.Encode(busy, models.Query, []string{fmt.Sprint(i, strings.Repeat(" a text that takes long", 100))})
		})
	}
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if _, err := e.Encode(ctx, models.Query, []string{strings.Repeat("and another ", 150)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		cancel()
	}
	done()
	all.Wait()
	encode(t, e, "still serves")
}

func TestClosed(t *testing.T) {
	e := open(t, onnx.Options{})
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Encode(t.Context(), models.Query, []string{"hello"}); !errors.Is(err, onnx.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	_, err := onnx.Open(artifact.Located{Vocabulary: t.TempDir() + "/none"}, onnx.Options{})
	if err == nil || !strings.Contains(err.Error(), "floorwalker models pull") {
		t.Errorf("got %v", err)
	}
}
