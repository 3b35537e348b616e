package entity

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/numeral"
)

const thing = `(?:one|ones|order|item|product|thing|option|choice|package|parcel|purchase|address|card|method)`

// referenceWords is what people say for things already spoken of, and the value each has.
var referenceWords = []struct {
	pattern *regexp.Regexp
	value   string
}{
	{regexp.MustCompile(`\b(?:the |my |an |any )?other ` + thing + `\b|\bthe other\b|\banother(?: ` + thing + `)?\b|\ba different ` + thing + `\b|\bsome(?:thing|) else\b`), "other"},
	{regexp.MustCompile(`\b(?:the |my )?(?:last|latest|newest|most recent|recent|previous) ` + thing + `\b|\bthe (?:last|latest|newest|most recent)\b`), "last"},
	{regexp.MustCompile(`\b(?:exactly )?the (?:very )?same(?: ` + thing + `)?\b|\bsame (?:one|thing|order|item)\b|\b(?:that|this) (?:same )?` + thing + `\b|\bthe (?:order|item|product) (?:you|i|we) (?:just )?(?:mentioned|said|asked about)\b`), "same"},
	{regexp.MustCompile(`\b(?:all|both) of (?:them|these|those|it)\b|\ball (?:the )?(?:items|orders|products|things)\b|\beverything\b|\bboth(?: items| orders)?\b|\bthe whole order\b|^\s*(?:just )?all\W*$`), "all"},
	{regexp.MustCompile(`\b(?:the )?(?:first|1st|upper|top) ` + thing + `\b|\bthe (?:first|1st)\s*(?:[.,;!?\n]|$)|\b(?:number|no\.|option) (?:one|1)\b|^\s*(?:first|1st)\W*$`), "1"},
	{regexp.MustCompile(`\b(?:the )?(?:second|2nd) ` + thing + `\b|\bthe (?:second|2nd)\s*(?:[.,;!?\n]|$)|\b(?:number|no\.|option) (?:two|2)\b|^\s*(?:second|2nd)\W*$`), "2"},
	{regexp.MustCompile(`\b(?:the )?(?:third|3rd) ` + thing + `\b|\bthe (?:third|3rd)\s*(?:[.,;!?\n]|$)|\b(?:number|no\.|option) (?:three|3)\b|^\s*(?:third|3rd)\W*$`), "3"},
	{regexp.MustCompile(`\b(?:the )?(?:fourth|4th) ` + thing + `\b`), "4"},
	{regexp.MustCompile(`\b(?:the )?(?:fifth|5th) ` + thing + `\b`), "5"},
	{regexp.MustCompile(`另外?[一两]?(?:个|件|单|款|张|种)|另外的?那?(?:个|件|单|款|张)|别的(?:那?个)?|其他(?:的|那个)|换一(?:个|款)`), "other"},
	{regexp.MustCompile(`最近(?:的)?(?:那|一)?(?:一)?(?:个|件|单|笔|次)(?:订单)?|最近的(?:订单)?|上(?:一)?(?:个|件|单|笔)(?:订单)?|最后(?:一|那)?(?:个|件|单|款)|最新的?(?:那)?(?:个|单|订单)?|刚(?:才|刚)?下的(?:那)?(?:个|单|订单)`), "last"},
	{regexp.MustCompile(`同(?:一|样)(?:的|个|件|单|款)?|一样的|跟原来一样|和原来一样|(?:刚才|刚刚)?(?:那|这)(?:一)?(?:个|件|单|款|张|笔)(?:订单)?`), "same"},
	{regexp.MustCompile(`全部(?:的)?|所有(?:的)?|全都(?:要)?|两个都(?:要)?|都要|整单`), "all"},
	{regexp.MustCompile(`第\s?(?:一|1)\s?(?:个|件|单|款|张|种)?`), "1"},
	{regexp.MustCompile(`第\s?(?:二|2)\s?(?:个|件|单|款|张|种)?`), "2"},
	{regexp.MustCompile(`第\s?(?:三|3)\s?(?:个|件|单|款|张|种)?`), "3"},
	{regexp.MustCompile(`第\s?(?:四|4)\s?(?:个|件|单|款|张|种)?`), "4"},
	{regexp.MustCompile(`第\s?(?:五|5)\s?(?:个|件|单|款|张|种)?`), "5"},
}

func references(in *input) []hit {
	var out []hit
	for _, w := range referenceWords {
		for _, m := range w.pattern.FindAllStringIndex(in.Lower, -1) {
			s := in.Lower[m[0]:m[1]]
			start := m[0] + len(s) - len(strings.TrimLeft(s, " \n"))
			end := m[1] - (len(s) - len(strings.TrimRight(s, " \n.,;!?")))
			if start < end {
				out = append(out, hit{"reference", w.value, start, end})
			}
		}
	}
	return disjoint(out)
}

var (
	measureWord = regexp.MustCompile(`^(?:个|件|条|只|台|套|盏|双|瓶|把|张|本|份|箱|盒|支|口|块|颗|星|分|单|天|次|人|元)`)
	notCounting = regexp.MustCompile(`(?:the|this|that|which|other|another|new|same|last|first|second|third|any|no|every|each|some|[a-z]+er|[a-z]+est|[a-z]{3,}) $`)
	counting    = regexp.MustCompile(`(?:^|[^a-z])(?:just|only|need|want|have|get|buy|order|take|ordered|bought|of|for|by|exactly|cancel|return|is|and|qty|quantity) $`)
)

// numbers finds what is left of digits, and the number words that count something: "one" in
// "the blue one" doesn't, nor 一 in 一下.
func numbers(in *input) []hit {
	var out []hit
	for _, n := range in.numerals().Numbers() {
		written := in.Lower[n.Start:n.End]
		if written[0] == '-' && n.Value < 0 { // a dash before a list's items
			n.Start, n.Value, written = n.Start+1, -n.Value, written[1:]
		}
		if n.Value < 0 || n.Value >= mostAmount || !in.counts(n, written) {
			continue
		}
		out = append(out, hit{"number", numeral.String(n.Value), n.Start, n.End})
	}
	for _, m := range couple.FindAllStringIndex(in.Lower, -1) {
		out = append(out, hit{"number", "2", m[0], m[1]})
	}
	return disjoint(out)
}

var couple = regexp.MustCompile(`\ba couple\b`)

// counts reports whether a number in these words counts things, as far as the words around it tell.
func (in *input) counts(n numeral.Number, written string) bool {
	first, _ := utf8.DecodeRuneInString(written)
	last := written[len(written)-1]
	switch {
	case fold.Han(first):
		alone := strings.TrimSpace(in.Lower[:n.Start]) == "" && strings.Trim(in.Lower[n.End:], " 。.!！") == ""
		return alone || measureWord.MatchString(in.Lower[n.End:]) || strings.HasSuffix(written, "打")
	case isDigit(written[0]):
		return isDigit(last) && in.digitsEnd(n.Start, n.End) || last >= 0x80 || strings.Contains(written, " ")
	case written == "one":
		before := in.before(n.Start, 16)
		return !notCounting.MatchString(before) || counting.MatchString(before)
	}
	return n.Value >= 1
}

// digitsEnd reports whether a number isn't the middle of a longer one or part of a word: "x2" counts,
// "4K" and "ab12" don't.
func (in *input) digitsEnd(start, end int) bool {
	digit := func(i int) bool { return i >= 0 && i < len(in.Lower) && in.Lower[i] >= '0' && in.Lower[i] <= '9' }
	letter := func(i int) bool { return i >= 0 && i < len(in.Lower) && in.Lower[i] >= 'a' && in.Lower[i] <= 'z' }
	return !digit(start-1) && !digit(end) && !letter(end) && (!letter(start-1) || in.Lower[start-1] == 'x')
}
