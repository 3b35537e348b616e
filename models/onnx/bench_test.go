package onnx_test

import (
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/onnx"
)

// sentences are n texts of about 16 tokens each, with "query: " and start and end.
func sentences(n int) []string {
	kinds := []string{
		"I would like to know where my order is now", "can I still change the address of it please",
		"do you have this lamp in another colour", "how many days do I have to send it back",
		"请问我昨天下的订单什么时候能发货呢", "这双鞋不合适我想退货可以吗谢谢",
	}
	texts := make([]string, n)
	for i := range texts {
		texts[i] = kinds[i%len(kinds)] + strings.Repeat(".", 1+i/len(kinds)%3)
	}
	return texts
}

// BenchmarkEncodeOne is one text of 16 tokens on one core.
func BenchmarkEncodeOne(b *testing.B) {
	e, texts := open(b, onnx.Options{Cores: 1, Cache: -1}), sentences(6)
	for i := 0; b.Loop(); i++ {
		if _, err := e.Encode(b.Context(), models.Query, texts[i%len(texts):][:1]); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkBatch encodes 32 texts at a time.
func benchmarkBatch(b *testing.B, cores int) {
	e, texts := open(b, onnx.Options{Cores: cores, Cache: -1}), sentences(32)
	for b.Loop() {
		if _, err := e.Encode(b.Context(), models.Query, texts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(texts))/b.Elapsed().Seconds(), "sentences/s")
}

func BenchmarkEncode32OneCore(b *testing.B)  { benchmarkBatch(b, 1) }
func BenchmarkEncode32AllCores(b *testing.B) { benchmarkBatch(b, 0) }

// BenchmarkEncodeRemembered is a text that was encoded before.
func BenchmarkEncodeRemembered(b *testing.B) {
	e := open(b, onnx.Options{})
	for b.Loop() {
		if _, err := e.Encode(b.Context(), models.Query, []string{"where is my order"}); err != nil {
			b.Fatal(err)
		}
	}
}
