package onnx_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
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

// The pairs differ by more than .015 in float32: quantising moves a cosine by up to .01, so closer
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
		if c := cosine(v, one); c < .98 {
			t.Errorf("%q: cosine %.4f with itself encoded alone", texts[i], c)
		}
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
