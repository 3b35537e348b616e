package dialog

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

const promotionsFile = "promotions.yaml"

// promotions reads promotions.yaml, which a shop may lack.
func promotions(fsys fs.FS, locales []string) ([]skill.Promotion, catalog.Faults) {
	if _, err := fs.Stat(fsys, promotionsFile); err != nil {
		return nil, nil
	}
	file, faults := shopfile.Parse(fsys, promotionsFile)
	if len(faults) > 0 {
		return nil, faults
	}
	c := promotionsChecker{body: file.Docs[0].Body, locales: locales, ids: map[string]bool{}}
	var list []skill.Promotion
	if faults := shopfile.DecodeNode(promotionsFile, c.body, &list); len(faults) > 0 {
		return nil, faults
	}
	for i, p := range list {
		c.check(i, p)
	}
	return list, c.faults
}

type promotionsChecker struct {
	body    ast.Node
	locales []string
	ids     map[string]bool
	faults  catalog.Faults
}

func (c *promotionsChecker) fault(path []any, format string, args ...any) {
	n := shopfile.Find(c.body, path...)
	if n == nil { // what is missing stands nowhere
		n = shopfile.Find(c.body, path[0])
	}
	c.faults = append(c.faults, shopfile.Fault(promotionsFile, n, format, args...))
}

func (c *promotionsChecker) check(i int, p skill.Promotion) {
	switch {
	case p.ID == "":
		c.fault([]any{i}, "the promotion has no id; write id: with a short name of its own")
	case c.ids[p.ID]:
		c.fault([]any{i, "id"}, "the id %q stands twice; give each promotion its own", p.ID)
	}
	c.ids[p.ID] = true
	for _, l := range c.locales {
		if p.Text[l] == "" {
			c.fault([]any{i, "text"}, "the text is missing in %s; write text: {%s: …} as it is told to shoppers", l, l)
		}
	}
	c.days(i, p.When)
	c.offer(i, p.What)
	if p.Who == (skill.Entitled{}) {
		c.fault([]any{i, "who"}, "it isn't said who gets this; write who: {everyone: true}, {orders_at_least: 3} or {orders_at_most: 0}")
	}
}

func (c *promotionsChecker) days(i int, when skill.Period) {
	for key, day := range map[string]string{"from": when.From, "until": when.Until} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			c.fault([]any{i, "when", key}, "%q is no day; write it as in \"2026-12-24\"", day)
			return
		}
	}
	if when.Until != "" && when.Until < when.From {
		c.fault([]any{i, "when", "until"}, "the promotion ends on %s, before it begins on %s", when.Until, when.From)
	}
}

func (c *promotionsChecker) offer(i int, what skill.Offer) {
	for key, value := range map[string]string{"amount_off": what.AmountOff, "order_over": what.OrderOver} {
		if d, err := decimal.NewFromString(value); value != "" && (err != nil || !d.IsPositive()) {
			c.fault([]any{i, "what", key}, "%q is no amount; write it as in \"8.00\"", value)
		}
	}
	switch {
	case what.PercentOff < 0 || what.PercentOff > 100:
		c.fault([]any{i, "what", "percent_off"}, "percent_off is a whole number from 1 to 100, not %s", fmt.Sprint(what.PercentOff))
	case what.PercentOff == 0 && what.AmountOff == "" || what.PercentOff != 0 && what.AmountOff != "":
		c.fault([]any{i, "what"}, "write either percent_off or amount_off")
	}
}
