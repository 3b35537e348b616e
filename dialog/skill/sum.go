package skill

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// OfferView is what a product comes to with an offer.
type OfferView struct {
	catalog.Source
	Text   string     `expr:"text" fact:"policy"` // the offer as the shop wrote it
	Prices []PartView `expr:"prices"`             // what then costs what; one without options where all cost the same
}

// percentage is how much less is asked for: "15 %", 八五折.
var (
	percentage = regexp.MustCompile(`(\d{1,2})\s?[%％]`)
	tenths     = regexp.MustCompile(`([\d一二三四五六七八九])([\d一二三四五六七八九])?\s?折`)
)

// percentIn is the percentage off that a text speaks of, 0 for none. 八五折 is 15 off.
func percentIn(text string) int {
	if m := percentage.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1]) // two digits
		return n
	}
	m := tenths.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	digit := func(s string) int {
		if s == "" {
			return 0
		}
		if i := strings.Index("一二三四五六七八九", s); i >= 0 {
			return i/len("一") + 1
		}
		n, _ := strconv.Atoi(s) // one digit
		return n
	}
	return 100 - 10*digit(m[1]) - digit(m[2])
}

// mostPieces bounds how many pieces a price is worked out for.
const mostPieces = 9999

// piecesIn is how many pieces of a product a text speaks of, 0 where it doesn't say: a plain
// number that is none of its figures, of a percentage, or in a name.
func piecesIn(said *flow.Said, p *catalog.Product) int {
	taken := figures(said, p)
	for _, e := range said.Entities {
		n, err := strconv.Atoi(e.Value)
		if e.Type != "number" || err != nil || n < 2 || n > mostPieces || len(taken) > 0 {
			continue
		}
		after := strings.TrimLeft(said.Text[min(e.End, len(said.Text)):], " ")
		if measureAfter.MatchString(after) || slices.ContainsFunc(said.Entities, func(o nlu.Entity) bool {
			return o.Type != "number" && o.Start <= e.Start && e.End <= o.End
		}) {
			continue
		}
		return n
	}
	return 0
}

// measureAfter is what makes a number no count of pieces.
var measureAfter = regexp.MustCompile(`(?i)^(?:%|％|折|percent|inch|in\b|cm|mm|m\b|ml|l\b|oz|lb|kg|g\b|w\b|寸|厘米|毫米|米|毫升|升|克|公斤|斤|瓦|天|day|week|month|year|hour|年|月|x\b|×|\*|"|”|dollar|buck|usd|元|块|美元)`)

// sum fills in what pieces come to together, and what the price is with offers, where either is
// asked for.
func (s *Set) sum(v *ProductView, p *catalog.Product, said *flow.Said) {
	if said == nil || !v.Offered {
		return
	}
	if n := piecesIn(said, p); n > 0 {
		v.Pieces = n
		v.Together = times(v.Price, n)
		v.Sums = sums(v.Prices, n)
	}
	percent := percentIn(said.Text)
	v.OffersAsked = percent > 0 || s.words.offers.in(said.Text)
	v.Offers = s.offersFor(v, p, percent)
}

func times(m catalog.Money, n int) catalog.Money {
	m.Amount = m.Amount.Mul(decimal.NewFromInt(int64(n)))
	return m
}

func sums(parts []PartView, n int) []PartView {
	out := slices.Clone(parts)
	for i := range out {
		out[i].Price = times(out[i].Price, n)
	}
	return out
}

// offersFor are the offers valid today that take something off the price of a product: those of
// its kind, else those for whole orders that it is dear enough for. A percentage leaves those of
// just that.
func (s *Set) offersFor(v *ProductView, p *catalog.Product, percent int) []OfferView {
	costs := v.Prices
	if len(costs) == 0 || v.OnePrice {
		costs = []PartView{{Source: v.Source, Price: v.Price}}
	}
	if v.Pieces > 0 {
		costs = sums(costs, v.Pieces)
	}
	var own, whole []OfferView
	for _, x := range s.promotionsNow() {
		mine := x.What.isFor(p)
		if percent > 0 && x.What.PercentOff != percent || !mine && len(x.What.Categories)+len(x.What.Products) > 0 {
			continue
		}
		offer := OfferView{Source: s.source("promotion/"+x.ID, s.Settings.Version), Text: wording(x.Text, v.locale)}
		for _, c := range costs {
			if after, ok := x.What.off(c.Price.Amount); ok {
				c.Price.Amount = after
				offer.Prices = append(offer.Prices, c)
			}
		}
		switch {
		case len(offer.Prices) == 0:
		case mine:
			own = append(own, offer)
		default:
			whole = append(whole, offer)
		}
	}
	if len(own) > 0 {
		return own
	}
	return whole
}

// off is an amount with the offer taken off, to the cent; false where the offer takes nothing
// off so little.
func (o Offer) off(sum decimal.Decimal) (decimal.Decimal, bool) {
	if over := amount(o.OrderOver); over != nil && !sum.GreaterThan(*over) {
		return sum, false
	}
	left := sum.Mul(decimal.NewFromInt(int64(100 - o.PercentOff))).Div(decimal.NewFromInt(100))
	if d := amount(o.AmountOff); d != nil {
		left = left.Sub(*d)
	}
	return left.Round(2), left.LessThan(sum) && !left.IsNegative()
}
