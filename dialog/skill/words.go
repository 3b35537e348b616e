package skill

import (
	_ "embed"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/catalog"
)

//go:embed words.yaml
var wordsFile []byte

// words is words.yaml: what skills need to read and word values, by language.
type words struct {
	Carriers, Edges, Asking        lists
	Sides, Comparing, Two          lists
	Cheapest, Dearest              lists
	Gifts, Giving                  lists
	Large, Small                   lists
	Cheaper, Dearer                lists
	Others, Introductions          lists
	Keep                           lists
	OtherOwned                     lists `yaml:"other_owned"`
	These, Purpose, Kinds          lists
	Recommend                      lists
	OpenNeeds                      lists `yaml:"open_needs"`
	Abilities                      lists
	AbilityTraits                  []string `yaml:"ability_traits"` // attributes that say what a product can do
	Denied                         lists
	Offers                         lists
	WhichCosts                     lists `yaml:"which_costs"`
	FirstTwo                       lists `yaml:"first_two"`
	WhichOne                       lists `yaml:"which_one"`
	MoreFirst                      lists `yaml:"more_first"`
	MoreLast                       lists `yaml:"more_last"`
	Trait, Between                 catalog.Text
	Traits                         map[string]catalog.Text
	TraitQuestions                 map[string]lists    `yaml:"trait_questions"` // by attribute: how it is asked for
	Instead                        map[string][]string // by attribute: those that answer for it
	HowTo                          lists               `yaml:"how_to"`
	YesNo                          lists               `yaml:"yes_no"`
	QuestionFirst                  lists               `yaml:"question_first"`
	QuestionWords                  lists               `yaml:"question_words"`
	QuestionLast                   lists               `yaml:"question_last"`
	Joins, Onward                  lists
	OnwardLast                     lists `yaml:"onward_last"`
	OnwardWords                    lists `yaml:"onward_words"`
	InStock                        lists `yaml:"in_stock"`
	Order, Latest, Earliest, That  lists
	Part, Only                     lists
	States                         map[string]lists // by order status
	Buying                         lists
	Separator, Label, Ending, Date catalog.Text
	Methods, Brands                map[string]catalog.Text
	UnknownMethod                  catalog.Text `yaml:"unknown_method"`
	Opening                        catalog.Text
	DaysAndHours                   catalog.Text `yaml:"days_and_hours"`
	HoursOfZone                    catalog.Text `yaml:"hours_of_zone"`
	FromTo                         catalog.Text `yaml:"from_to"`
	Today, Tomorrow                catalog.Text
	OnWeekday                      catalog.Text         `yaml:"on_weekday"`
	OnDate                         catalog.Text         `yaml:"on_date"`
	Elsewhere                      map[string]elsewhere // by language
	TitleWords                     lists                `yaml:"title_words"`
	Weekdays                       lists
	OptionNames                    map[string]lists `yaml:"option_names"` // by option; the first of each list is its name
	OptionsFirst                   []string         `yaml:"options_first"`

	carrier, edge, stock                       phrases
	anOrder, theLatest, theEarliest, thatOrder phrases
	states, called                             map[string]phrases
	buying                                     phrases
	traitAsked                                 map[string][]cutOne
	asking, title, between, comparing, two     phrases
	cheapest, dearest, gift, giving            phrases
	large, small                               phrases
	cheaper, dearer, these, optionCalled       phrases
	others, forOthers, otherOwned              phrases
	introduction                               phrases
	aPart, onlySome, keeping                   phrases
	firstTwo, whichOne, recommend              phrases
	openNeeds, abilities, denied, offers       phrases
	whichCosts                                 phrases
	purpose, kind, moreFirst, moreLast         phrases
	howTo, yesNo                               phrases
	questionFirst, questionWord, questionLast  phrases
	join, onward, onwardLast, onwardWord       phrases
}

// elsewhere is where a language is mostly read, and how the time there is added.
type elsewhere struct {
	Zone string
	Text catalog.Text
}

// lists are phrases by language.
type lists map[string][]string

func (l lists) all() []string {
	var out []string
	for _, list := range l {
		out = append(out, list...)
	}
	return out
}

func loadWords() *words {
	w := &words{}
	if err := yaml.UnmarshalWithOptions(wordsFile, w, yaml.Strict()); err != nil {
		panic(fmt.Errorf("words.yaml: %w", err)) // the file is part of the program, and tests load it
	}
	w.carrier, w.edge, w.stock = newPhrases(w.Carriers.all()), newPhrases(w.Edges.all()), newPhrases(w.InStock.all())
	w.anOrder, w.theLatest, w.theEarliest = newPhrases(w.Order.all()), newPhrases(w.Latest.all()), newPhrases(w.Earliest.all())
	w.thatOrder, w.asking = newPhrases(w.That.all()), newPhrases(w.Asking.all())
	w.between, w.comparing = newPhrases(w.Sides.all()), newPhrases(w.Comparing.all())
	w.two = newPhrases(w.Two.all())
	w.cheapest, w.dearest = newPhrases(w.Cheapest.all()), newPhrases(w.Dearest.all())
	w.gift, w.giving = newPhrases(w.Gifts.all()), newPhrases(w.Giving.all())
	w.large, w.small = newPhrases(w.Large.all()), newPhrases(w.Small.all())
	w.cheaper, w.dearer, w.these = newPhrases(w.Cheaper.all()), newPhrases(w.Dearer.all()), newPhrases(w.These.all())
	w.purpose, w.kind = newPhrases(w.Purpose.all()), newPhrases(w.Kinds.all())
	w.moreFirst, w.moreLast = newPhrases(w.MoreFirst.all()), newPhrases(w.MoreLast.all())
	w.firstTwo, w.whichOne = newPhrases(w.FirstTwo.all()), newPhrases(w.WhichOne.all())
	w.openNeeds, w.abilities, w.denied = newPhrases(w.OpenNeeds.all()), newPhrases(w.Abilities.all()), newPhrases(w.Denied.all())
	w.whichCosts = newPhrases(w.WhichCosts.all())
	w.offers = newPhrases(w.Offers.all())
	w.recommend = newPhrases(w.Recommend.all())
	w.howTo, w.yesNo = newPhrases(w.HowTo.all()), newPhrases(w.YesNo.all())
	w.questionFirst, w.questionLast = newPhrases(w.QuestionFirst.all()), newPhrases(w.QuestionLast.all())
	w.questionWord, w.join = newPhrases(w.QuestionWords.all()), newPhrases(w.Joins.all())
	w.onward, w.onwardLast = newPhrases(w.Onward.all()), newPhrases(w.OnwardLast.all())
	w.onwardWord = newPhrases(w.OnwardWords.all())
	w.title = newPhrases(w.TitleWords.all())
	w.aPart, w.onlySome = newPhrases(w.Part.all()), newPhrases(w.Only.all())
	w.traitAsked = map[string][]cutOne{}
	for name, l := range w.TraitQuestions {
		w.traitAsked[name] = cutPhrases(l.all())
	}
	w.called = map[string]phrases{}
	var every []string
	for name, l := range w.OptionNames {
		w.called[name] = newPhrases(l.all())
		every = append(every, l.all()...)
	}
	w.optionCalled = newPhrases(every)
	w.others, w.otherOwned = newPhrases(w.Others.all()), newPhrases(w.OtherOwned.all())
	w.introduction = newPhrases(w.Introductions.all())
	w.forOthers = newPhrases(beforeEach(w.Others.all(), "for ", "to ", "with ", "from ", "给", "送", "送给", "和", "跟"))
	w.title = newPhrases(w.TitleWords.all())
	w.aPart, w.onlySome, w.keeping = newPhrases(w.Part.all()), newPhrases(w.Only.all()), newPhrases(w.Keep.all())
	w.states = map[string]phrases{}
	for status, l := range w.States {
		w.states[status] = newPhrases(l.all())
	}
	w.buying = newPhrases(w.Buying.all())
	return w
}

// saysMore reports whether a text reads as saying more of a thing named before.
func (w *words) saysMore(s string) bool {
	return w.moreFirst.first.MatchString(s) || w.moreLast.last.MatchString(s)
}

// need tells whether a text says what something is to be good for, and whether it names the thing.
// In Chinese the thing stands last, after 的.
func (w *words) need(s string) need {
	able := w.abilities.in(s)
	switch at := strings.LastIndex(s, "的"); {
	case w.openNeeds.in(s):
		return openNeed
	case able && at >= 0 && w.edge.trim(s[at+len("的"):]) == "":
		return openNeed
	case able:
		return ofThing
	}
	return noNeed
}

// byPrice is -1 if a text asks for what costs least, 1 for what costs most, else 0.
func (w *words) byPrice(s string) int {
	switch {
	case w.cheapest.in(s):
		return -1
	case w.dearest.in(s):
		return 1
	}
	return 0
}

// wording picks the text for a locale: its own, its language's, English.
func wording(t catalog.Text, locale string) string {
	for _, l := range []string{locale, language(locale), "en"} {
		if s, ok := t[l]; ok {
			return s
		}
	}
	return ""
}

func fill(t catalog.Text, locale string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(wording(t, locale))
}

// options words a variant's options: "blue, 750 ml". p may be nil.
func (w *words) options(p *catalog.Product, options map[string]string, locale string) string {
	t := translation(p, locale)
	values := make([]string, 0, len(options))
	for _, name := range w.optionNames(maps.Keys(options)) {
		value := options[name]
		if translated := t.Options[name][value]; translated != "" {
			value = translated
		}
		values = append(values, value)
	}
	return strings.Join(values, wording(w.Separator, locale))
}

// optionNames puts the names of options in the order in which they are told.
func (w *words) optionNames(of iter.Seq[string]) []string {
	names := slices.Collect(of)
	slices.SortFunc(names, func(a, b string) int {
		af, bf := slices.Contains(w.OptionsFirst, strings.ToLower(a)), slices.Contains(w.OptionsFirst, strings.ToLower(b))
		switch {
		case af && !bf:
			return -1
		case bf && !af:
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}

// method words a payment method: "Visa ending in 4417", "gift card".
func (w *words) method(m catalog.PaymentMethod, locale string) string {
	if m.Kind == "" {
		return wording(w.UnknownMethod, locale)
	}
	name := wording(w.Methods[m.Kind], locale)
	if name == "" {
		name = strings.ReplaceAll(m.Kind, "_", " ")
	}
	if m.Brand != "" {
		name = m.Brand
		if brand := wording(w.Brands[strings.ToLower(m.Brand)], locale); brand != "" {
			name = brand
		}
	}
	if m.LastFour == "" {
		return name
	}
	return fill(w.Ending, locale, "{name}", name, "{digits}", m.LastFour)
}

// opening words a time of opening as seen from now, with what tells the zone: "today at 09:00
// PST", "on Monday at 09:00 PST"; in languages that are mostly read elsewhere, the time there.
func (w *words) opening(at, now time.Time, locale string) string {
	worded := w.day(at, now, locale, w.Opening)
	there, ok := w.Elsewhere[language(locale)]
	if !ok {
		return worded + " " + at.Format("MST")
	}
	zone, err := time.LoadLocation(there.Zone)
	if err != nil {
		return worded
	}
	_, own := at.Zone()
	if _, other := at.In(zone).Zone(); own == other {
		return worded
	}
	at = at.In(zone)
	return worded + fill(there.Text, locale, "{weekday}", w.weekday(at, locale), "{time}", at.Format("15:04"))
}

func (w *words) weekday(at time.Time, locale string) string {
	days := w.Weekdays[language(locale)]
	if days == nil {
		days = w.Weekdays["en"]
	}
	return days[at.Weekday()]
}

// hours words the hours of a week, neighbouring days with the same ones together:
// "Monday–Friday 09:00–18:00, Saturday 10:00–16:00 PST".
func (w *words) hours(byDay map[string]string, now time.Time, locale string) string {
	var parts []string
	const days = 7
	name := func(day int) string { return w.weekday(time.Date(2024, 1, 1+day, 0, 0, 0, 0, time.UTC), locale) } // from a Monday on
	for from := 0; from < days; {
		span, to := byDay[weekdayKey(from)], from
		for to+1 < days && byDay[weekdayKey(to+1)] == span {
			to++
		}
		if span != "" {
			worded := name(from)
			if to > from {
				worded = fill(w.FromTo, locale, "{from}", worded, "{to}", name(to))
			}
			parts = append(parts, fill(w.DaysAndHours, locale, "{days}", worded, "{hours}", strings.ReplaceAll(span, "-", "–")))
		}
		from = to + 1
	}
	if len(parts) == 0 {
		return ""
	}
	return fill(w.HoursOfZone, locale, "{hours}", strings.Join(parts, wording(w.Separator, locale)), "{zone}", now.Format("MST"))
}

// weekdayKey is a day of a week, from Monday on, as settings name it.
func weekdayKey(day int) string {
	return strings.ToLower(time.Weekday((day + 1) % 7).String()[:3])
}

// day fills a layout with the day of a time as seen from now.
func (w *words) day(at, now time.Time, locale string, layout catalog.Text) string {
	day := w.OnWeekday
	switch date := func(t time.Time) string { return t.Format(time.DateOnly) }; {
	case date(at) == date(now):
		day = w.Today
	case date(at) == date(now.AddDate(0, 0, 1)):
		day = w.Tomorrow
	case at.Sub(now) > 6*24*time.Hour:
		day = w.OnDate
	}
	return fill(layout, locale, "{day}", fill(day, locale, "{weekday}", w.weekday(at, locale), "{date}", at.Format(wording(w.Date, locale))),
		"{time}", at.Format("15:04"))
}

// sizes in words, from the smallest.
func sizes() []string {
	return []string{"extra small", "small", "medium", "large", "extra large"}
}

// size is how large a variant is by its options: the first figure of one, or its place among
// the words for sizes.
func (w *words) size(options map[string]string) (float64, bool) {
	name, ok := w.sizeOf(options)
	n, _ := figure(options[name])
	return n, ok
}

// sizeOf is the name of the option that tells how large a variant is.
func (w *words) sizeOf(options map[string]string) (string, bool) {
	for _, name := range w.optionNames(maps.Keys(options)) {
		if _, ok := figure(options[name]); ok {
			return name, true
		}
	}
	return "", false
}

// figure is the number that an option's value begins with, or its place among the words for
// sizes.
func figure(value string) (float64, bool) {
	value = strings.ToLower(value)
	if i := slices.Index(sizes(), value); i >= 0 {
		return float64(i), true
	}
	end := 0
	for end < len(value) && (value[end] >= '0' && value[end] <= '9' || value[end] == '.') {
		end++
	}
	n, err := strconv.ParseFloat(value[:end], 64)
	switch unit, _, _ := strings.Cut(strings.TrimSpace(value[end:]), " "); unit { // 1.2 l is more than 900 ml
	case "l", "liter", "liters", "litre", "litres", "kg", "升", "公斤":
		n *= 1000
	case "m", "meter", "meters", "米":
		n *= 100
	}
	return n, err == nil
}

// ofOthers reports whether a text speaks of what somebody else has: "my neighbor ordered", "her zip",
// but not "a present for my friend".
func (w *words) ofOthers(s string) bool {
	return w.others.in(w.forOthers.without(s)) || w.otherOwned.in(s)
}

// beforeEach puts each prefix before each phrase.
func beforeEach(list []string, prefixes ...string) []string {
	var out []string
	for _, p := range prefixes {
		for _, s := range list {
			out = append(out, p+s)
		}
	}
	return out
}
