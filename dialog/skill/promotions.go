package skill

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// promotions tells the shop's offers that are valid now; of them those for the product spoken
// of, if there are any. Whether a shopper is entitled to one is said by its own words.
var promotions = skill{
	Skill: flow.Skill{Name: "promotions", Kind: flow.Look, Args: []string{"product"}, Options: []string{"product"},
		View: reflect.TypeFor[PromotionsView]()},
	run: (*Set).promotions,
}

// Promotion is an offer in a shop's promotions.yaml.
type Promotion struct {
	ID   string       `yaml:"id"`
	Name catalog.Text `yaml:"name"`
	Text catalog.Text `yaml:"text"` // as it is told
	When Period       `yaml:"when"`
	Who  Entitled     `yaml:"who"`
	What Offer        `yaml:"what"`
}

// Period is from one day to another in the shop's time zone, YYYY-MM-DD, both included; an
// empty one is open.
type Period struct {
	From  string `yaml:"from"`
	Until string `yaml:"until"`
}

// Entitled says who gets an offer.
type Entitled struct {
	Everyone      bool `yaml:"everyone"`
	OrdersAtLeast *int `yaml:"orders_at_least"`
	OrdersAtMost  *int `yaml:"orders_at_most"`
}

// Offer is what is given: percent or an amount, of everything or of some products.
type Offer struct {
	PercentOff int      `yaml:"percent_off"`
	AmountOff  string   `yaml:"amount_off"` // decimal, in the shop's currency
	OrderOver  string   `yaml:"order_over"`
	Categories []string `yaml:"categories"`
	Products   []string `yaml:"products"`
}

// PromotionsView is the offers valid now.
type PromotionsView struct {
	catalog.Source
	Count      int             `expr:"count" fact:"count"`
	Fitting    bool            `expr:"fitting"` // all of them are for the product spoken of
	Promotions []PromotionView `expr:"promotions"`
}

// PromotionView is one offer.
type PromotionView struct {
	catalog.Source
	Name      string        `expr:"name" fact:"name"`
	Text      string        `expr:"text" fact:"policy"` // as the shop wrote it
	Percent   int           `expr:"percent" fact:"percent"`
	Amount    catalog.Money `expr:"amount" fact:"amount"`
	OrderOver catalog.Money `expr:"order_over" fact:"amount"`
	Until     time.Time     `expr:"until" fact:"date"` // zero: open
	Everyone  bool          `expr:"everyone"`
}

func (s *Set) promotions(ctx context.Context, call flow.Call) (flow.Result, error) {
	valid := s.promotionsNow()
	var fitting []Promotion
	var about []string
	if call.Said != nil {
		_, about = namedProducts(call.Said)
	}
	if id := meantBy(argValue(call, "product")).product; id != "" {
		about = []string{id}
	}
	err := s.read(ctx, func(r store.Records) error {
		fitting = nil
		products, err := s.newShelf(r).all(about)
		for _, x := range valid {
			if slices.ContainsFunc(products, x.What.isFor) {
				fitting = append(fitting, x)
			}
		}
		return err
	})
	if err != nil {
		return flow.Result{}, err
	}
	v := PromotionsView{Source: s.source("policy/promotions", s.Settings.Version), Fitting: len(fitting) > 0}
	if v.Fitting {
		valid = fitting
	}
	for _, p := range valid {
		v.Promotions = append(v.Promotions, s.promotionView(p, call.Locale))
	}
	v.Count = len(v.Promotions)
	return flow.Result{View: v}, nil
}

// promotionsNow are the offers valid today.
func (s *Set) promotionsNow() []Promotion {
	today := s.Now().In(s.zone).Format(time.DateOnly)
	return slices.DeleteFunc(slices.Clone(s.Promotions), func(p Promotion) bool {
		return p.When.From > today || p.When.Until != "" && p.When.Until < today
	})
}

// isFor reports whether an offer is for a product or its categories, not for whole orders.
func (o Offer) isFor(p *catalog.Product) bool {
	return slices.Contains(o.Products, p.ID) || common(o.Categories, p.Category)
}

func (s *Set) promotionView(p Promotion, locale string) PromotionView {
	v := PromotionView{Source: s.source("promotion/"+p.ID, s.Settings.Version), Name: wording(p.Name, locale), Text: wording(p.Text, locale),
		Percent: p.What.PercentOff, Until: s.date(p.When.Until), Everyone: p.Who.Everyone}
	if d := amount(p.What.AmountOff); d != nil {
		v.Amount = s.money(*d)
	}
	if d := amount(p.What.OrderOver); d != nil {
		v.OrderOver = s.money(*d)
	}
	return v
}
