package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/retrieval/evaluate"
	"github.com/floorwalker/floorwalker/retrieval/index"
)

type evalSearchCommand struct {
	Products  string `help:"JSON lines, products as in a shop folder." required:"" type:"existingfile" placeholder:"FILE"`
	Judgments string `help:"CSV query,product_id,grade." required:"" type:"existingfile" placeholder:"FILE"`
	K         int    `help:"Hits that nDCG and MRR look at." default:"10"`
	JSON      bool   `help:"Print one JSON object."`
}

func (c *evalSearchCommand) Help() string {
	return "Example: floorwalker eval search --products products.jsonl --judgments rated.csv --json"
}

func (c *evalSearchCommand) Run(ctx context.Context, s streams) (err error) {
	var products []catalog.Product
	err = eachLine(c.Products, func(line []byte) error {
		var p catalog.Product
		if err := json.Unmarshal(line, &p); err != nil {
			return err
		}
		products = append(products, p)
		return nil
	})
	if err != nil {
		return err
	}
	f, err := os.Open(c.Judgments)
	if err != nil {
		return err
	}
	defer f.Close()
	judgments, err := evaluate.ReadJudgments(f)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Judgments, err)
	}
	dir, err := os.MkdirTemp("", "floorwalker-eval-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	x, err := index.Open(ctx, dir, index.All(products), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	m, err := evaluate.MeasureSearch(ctx, x, judgments, c.K, time.Now)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, m)
	}
	fmt.Fprintf(s.out, "%d queries: nDCG@%d %.4f, MRR@%d %.4f, recall@100 %.4f; p50 %.2f ms, p99 %.2f ms\n",
		m.Queries, c.K, m.NDCG, c.K, m.MRR, m.Recall, m.P50, m.P99)
	return nil
}

// longestLine bounds a line of an evaluation file.
const longestLine = 16 << 20

// eachLine calls fn with each line of a file that isn't empty; errors name the file and the line.
func eachLine(file string, fn func([]byte) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(io.Reader(f))
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := fn(lines.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
