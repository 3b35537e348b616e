package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/nlu"
)

type benchEncodeCommand struct {
	Shop    string `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	Seconds int    `help:"How long to measure." default:"30"`
	Clients int    `help:"Conversations at once." default:"64" placeholder:"N"`
	JSON    bool   `help:"Print one JSON object."`
}

func (c *benchEncodeCommand) Help() string {
	return "Texts of about 16 tokens, each new to the encoder. Measured by turns, so that what else the machine\n" +
		"does weighs on all alike; what counts are the ratios, each the median of five rounds: understanding\n" +
		"one text to the runs of the encoder within it; understanding for many conversations, and their\n" +
		"encoding alone, to encoding in the best batch on all cores; and the 99th percentile at 80 % of\n" +
		"that load to the one of a single conversation.\n\nExample: floorwalker bench encode --seconds 30"
}

// encoded is the result of bench encode.
type encoded struct {
	Clients         int     `json:"clients"`
	CPUs            int     `json:"cpus"`
	OneMS           float64 `json:"understand_ms"`         // one at a time, median
	OneRatio        float64 `json:"understand_to_encoder"` // of the same texts
	Batch           int     `json:"best_batch"`
	BatchRate       float64 `json:"best_batch_per_second"`
	EncodeRate      float64 `json:"encode_per_second"` // of many conversations
	EncodeRatio     float64 `json:"encode_to_best_batch"`
	UnderstandRate  float64 `json:"understand_per_second"`
	UnderstandRatio float64 `json:"understand_to_best_batch"`
	IdleP99         float64 `json:"idle_p99_ms"`
	LoadedP99       float64 `json:"loaded_p99_ms"` // at 80 % of understand_per_second
	P99Ratio        float64 `json:"loaded_to_idle_p99"`
}

// timedEncoder adds up how long its encoder took.
type timedEncoder struct {
	models.Encoder
	took atomic.Int64
}

func (e *timedEncoder) Encode(ctx context.Context, purpose models.Purpose, texts []string) ([][]float32, error) {
	defer func(start time.Time) { e.took.Add(int64(time.Since(start))) }(time.Now())
	return e.Encoder.Encode(ctx, purpose, texts)
}

// encodeBench is what is measured with.
type encodeBench struct {
	encoder    *timedEncoder
	understand nlu.Understander
	said       atomic.Int64
}

// text is one that was never encoded.
func (b *encodeBench) text() string {
	kinds := []string{
		"I would like to know where my parcel %d is", "can I still change the address of number %d",
		"do you have lamp number %d in another colour", "请问我昨天下的第%d个订单什么时候发货", "第%d双鞋不合适我想退货可以吗",
	}
	n := b.said.Add(1)
	return fmt.Sprintf(kinds[n%int64(len(kinds))], 1000+n%9000) + []string{"", "?", " please", " now"}[n/9000%4]
}

func (c *benchEncodeCommand) Run(ctx context.Context, s streams) (err error) {
	plain, err := openEncoder("local", quiet(s), nil)
	if err != nil {
		return err
	}
	if plain == nil {
		return errors.New("the encoder is missing; `floorwalker models pull` fetches it")
	}
	if closer, ok := plain.(interface{ Close() error }); ok {
		defer func() { err = errors.Join(err, closer.Close()) }()
	}
	b := &encodeBench{encoder: &timedEncoder{Encoder: plain}}
	w, err := openWorkshop(ctx, c.Shop, "", b.encoder, quiet(s))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	b.understand = w.shop().NLU
	m, err := b.measure(ctx, c.Clients, time.Duration(c.Seconds)*time.Second)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, m)
	}
	fmt.Fprintf(s.out, "encode: %d CPUs, %d conversations\n", m.CPUs, m.Clients)
	fmt.Fprintf(s.out, "  understand one: %.2f ms, %.2f × its runs of the encoder\n", m.OneMS, m.OneRatio)
	fmt.Fprintf(s.out, "  best batch, %d on each core: %.0f/s\n", m.Batch, m.BatchRate)
	fmt.Fprintf(s.out, "  encode for many: %.0f/s, %.2f × the best batch\n", m.EncodeRate, m.EncodeRatio)
	fmt.Fprintf(s.out, "  understand for many: %.0f/s, %.2f × the best batch\n", m.UnderstandRate, m.UnderstandRatio)
	fmt.Fprintf(s.out, "  p99 of understanding: %.1f ms idle, %.1f ms at 80 %% of that load, %.2f ×\n", m.IdleP99, m.LoadedP99, m.P99Ratio)
	return nil
}

const encodeRounds = 5

// measure takes five rounds, each of all parts.
func (b *encodeBench) measure(ctx context.Context, clients int, whole time.Duration) (encoded, error) {
	cores := runtime.GOMAXPROCS(0)
	part := whole / (encodeRounds * 5)
	var ms, one, batch, encode, understand, idle, loaded, encodeRatio, understandRatio, p99 []float64
	best, rates := 0, map[int]float64{}
	for _, n := range []int{8, 32, 64} {
		rate, err := b.rate(ctx, cores, part, func(ctx context.Context) (int, error) { return n, b.encode(ctx, models.Passage, n) })
		if err != nil {
			return encoded{}, err
		}
		if rates[n] = rate; best == 0 || rate > rates[best] {
			best = n
		}
	}
	for range encodeRounds {
		took, ratios, err := b.alone(ctx, part)
		if err != nil {
			return encoded{}, err
		}
		ms, one = append(ms, at(took, .5)), append(one, at(ratios, .5))
		raw, err1 := b.rate(ctx, cores, part, func(ctx context.Context) (int, error) { return best, b.encode(ctx, models.Passage, best) })
		coded, err2 := b.rate(ctx, clients, part, func(ctx context.Context) (int, error) { return 1, b.encode(ctx, models.Query, 1) })
		known, err3 := b.rate(ctx, clients, part, func(ctx context.Context) (int, error) { return 1, b.one(ctx) })
		busy, err4 := b.loaded(ctx, .8*known, part)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return encoded{}, err
		}
		batch, encode, understand = append(batch, raw), append(encode, coded), append(understand, known)
		encodeRatio, understandRatio = append(encodeRatio, coded/raw), append(understandRatio, known/raw)
		idle, loaded = append(idle, at(took, .99)), append(loaded, at(busy, .99))
		p99 = append(p99, at(busy, .99)/at(took, .99))
	}
	return encoded{Clients: clients, CPUs: runtime.NumCPU(), OneMS: at(ms, .5), OneRatio: at(one, .5), Batch: best, BatchRate: at(batch, .5),
		EncodeRate: at(encode, .5), EncodeRatio: at(encodeRatio, .5), UnderstandRate: at(understand, .5), UnderstandRatio: at(understandRatio, .5),
		IdleP99: at(idle, .5), LoadedP99: at(loaded, .5), P99Ratio: at(p99, .5)}, nil
}

// at is a quantile.
func at(all []float64, q float64) float64 {
	if len(all) == 0 {
		return math.NaN()
	}
	all = slices.Sorted(slices.Values(all))
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

func (b *encodeBench) encode(ctx context.Context, purpose models.Purpose, n int) error {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = b.text()
	}
	_, err := b.encoder.Encoder.Encode(ctx, purpose, texts)
	return err
}

func (b *encodeBench) one(ctx context.Context) error {
	_, err := b.understand.Understand(ctx, b.text(), nlu.Context{Locale: "en"})
	return err
}

// alone understands one text after the other: how long each took in ms, and how many times as
// long as the encoder within it.
func (b *encodeBench) alone(ctx context.Context, d time.Duration) (took, ratios []float64, err error) {
	for begun := time.Now(); time.Since(begun) < d || len(took) < 5; {
		b.encoder.took.Store(0)
		start := time.Now()
		if err := b.one(ctx); err != nil {
			return nil, nil, err
		}
		t := time.Since(start)
		took = append(took, float64(t.Microseconds())/1000)
		if e := b.encoder.took.Load(); e > 0 {
			ratios = append(ratios, float64(t)/float64(e))
		}
	}
	return took, ratios, nil
}

// rate is how many texts a second come of n goroutines that do the same again and again.
func (b *encodeBench) rate(ctx context.Context, n int, d time.Duration, do func(context.Context) (int, error)) (float64, error) {
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	for range n {
		group.Go(func() error {
			for time.Since(start) < d {
				texts, err := do(ctx)
				if err != nil {
					return err
				}
				done.Add(int64(texts))
			}
			return nil
		})
	}
	err := group.Wait()
	return float64(done.Load()) / time.Since(start).Seconds(), err
}

// loaded understands texts that come at a rate, whether or not those before are understood: how
// long after it came each was, in ms.
func (b *encodeBench) loaded(ctx context.Context, rate float64, d time.Duration) (took []float64, err error) {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	for i := 0; ; i++ {
		due := start.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		if due.Sub(start) > d || ctx.Err() != nil {
			break
		}
		time.Sleep(time.Until(due))
		group.Go(func() error {
			err := b.one(ctx)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, float64(time.Since(due).Microseconds())/1000)
			return err
		})
	}
	return took, group.Wait()
}
