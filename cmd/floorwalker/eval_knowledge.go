package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/evaluate"
	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

type evalKnowledgeCommand struct {
	Passages  string `help:"JSON lines {id, title, text, product?}." required:"" type:"existingfile" placeholder:"FILE"`
	Questions string `help:"JSON lines {question, passages, answers}; no passages: no answer is there." required:"" type:"existingfile" placeholder:"FILE"`
	Locale    string `help:"Language of passages and questions." default:"en" placeholder:"L"`
	Encoder   string `help:"local, or off for words alone." enum:"local,off" default:"local"`
	JSON      bool   `help:"Print one JSON object."`
}

func (c *evalKnowledgeCommand) Help() string {
	return "Example: floorwalker eval knowledge --passages passages.jsonl --questions questions.jsonl --json"
}

func (c *evalKnowledgeCommand) Run(ctx context.Context, s streams) (err error) {
	passages, err := c.passages()
	if err != nil {
		return err
	}
	var questions []evaluate.Question
	err = eachLine(c.Questions, func(line []byte) error {
		var q evaluate.Question
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		questions = append(questions, q)
		return nil
	})
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
	dir, err := os.MkdirTemp("", "floorwalker-eval-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	k, err := knowledge.New(ctx, dir, passages, encoder, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	m, err := evaluate.MeasureKnowledge(ctx, k, questions, c.Locale)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, m)
	}
	fmt.Fprintf(s.out, "%d questions: answered %.3f, exact %.3f, F1 %.3f, recall@1 %.3f, recall@5 %.3f\n",
		m.N, m.Answered, m.Exact, m.F1, m.Recall1, m.Recall5)
	return nil
}

func (c *evalKnowledgeCommand) passages() ([]retrieval.Passage, error) {
	var passages []retrieval.Passage
	err := eachLine(c.Passages, func(line []byte) error {
		var p struct{ ID, Title, Text, Product string }
		if err := json.Unmarshal(line, &p); err != nil {
			return err
		}
		if p.ID == "" || p.Text == "" {
			return errors.New(`a passage needs "id" and "text"`)
		}
		passage := retrieval.Passage{ID: p.ID, Title: p.Title, Text: p.Text, Locale: c.Locale, Version: p.ID}
		if p.Product != "" {
			passage.Products = []string{p.Product}
		}
		passages = append(passages, passage)
		return nil
	})
	return passages, err
}
