package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/nlu/evaluate"
)

type evalIntentsCommand struct {
	Train   string `help:"JSON lines {text, intent, lang?} to learn from." required:"" type:"existingfile" placeholder:"FILE"`
	Test    string `help:"JSON lines to measure on; the intent oos marks what is out of scope." required:"" type:"existingfile" placeholder:"FILE"`
	Seed    uint64 `help:"Order of the training rows."`
	Encoder string `help:"local, or off for words alone." enum:"local,off" default:"local"`
	Keep    bool   `help:"Keep vectors in the user's cache: texts measured before aren't encoded again." default:"true" negatable:""`
	JSON    bool   `help:"Print one JSON object."`
}

func (c *evalIntentsCommand) Help() string {
	return "Embedding is what wasn't kept from an earlier run; --no-keep encodes all anew.\n\n" +
		"Example: floorwalker eval intents --train train.jsonl --test test.jsonl --json"
}

func (c *evalIntentsCommand) Run(ctx context.Context, s streams) (err error) {
	train, err := rows(c.Train)
	if err != nil {
		return err
	}
	test, err := rows(c.Test)
	if err != nil {
		return err
	}
	encoder, err := openEncoder(c.Encoder, quiet(s), nil)
	if err != nil {
		return err
	}
	if e, ok := encoder.(*onnx.Encoder); ok {
		defer func() { err = errors.Join(err, e.Close()) }()
	}
	if encoder != nil && c.Keep {
		keeper, err := keptEncoder(encoder)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, keeper.Close()) }()
		encoder = keeper
	}
	score, err := evaluate.Intents(ctx, train, test, evaluate.Options{Encoder: encoder, Seed: c.Seed})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, score)
	}
	fmt.Fprintf(s.out, "%d texts: accuracy %.4f, macro F1 %.4f\n", score.N, score.Accuracy, score.MacroF1)
	if o := score.OOS; o != nil {
		fmt.Fprintf(s.out, "out of scope: AUROC %.4f, recall at 95 %% kept %.4f; at the shipped threshold recall %.4f, in-scope accuracy %.4f\n",
			o.AUROC, o.RecallAt95, o.Recall, o.InScopeAccuracy)
	}
	fmt.Fprintf(s.out, "embedding %.1f s, training %.1f s; %.0f texts per second\n", score.EmbedSeconds, score.TrainSeconds, score.TextsPerSecond)
	return nil
}

// keptEncoder keeps vectors for measuring in the user's cache.
func keptEncoder(e models.Encoder) (*evaluate.Keeper, error) {
	dir, err := artifact.Dir()
	if err != nil {
		return nil, err
	}
	return evaluate.Keep(e, filepath.Join(dir, "measured"))
}

// rows reads labelled texts from a file; errors name the file and the line.
func rows(file string) ([]evaluate.Row, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := evaluate.Rows(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}
