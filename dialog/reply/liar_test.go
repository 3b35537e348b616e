package reply_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

// liar is a generator that takes a true reply and makes one thing of it false. Which facts it bends
// it knows from the places that the template noted.
type liar struct {
	*rand.Rand
	floor  *floor
	scenes []scene
	worded map[int][]reply.Worded
	ground map[int]*reply.Ground
}

// lie is a way to bend a reply: it returns "" where it doesn't apply.
type lie struct {
	name string
	bend func(l *liar, w reply.Worded, locale string) string
}

var lies = []lie{
	{"another value", (*liar).anotherValue},
	{"another of the turn's values", (*liar).borrowed},
	{"two values swapped", (*liar).swapped},
	{"another product or order", (*liar).renamed},
	{"a state turned round", (*liar).turned},
	{"negated", (*liar).negated},
	{"a promise", (*liar).promising},
	{"a promise in disguise", (*liar).disguised},
	{"a figure of its own", (*liar).addedFigure},
	{"another unit", (*liar).reunited},
}

// TestNothingFalsePasses has a liar write replies. FLOORWALKER_LIES=100000 says how many.
func TestNothingFalsePasses(t *testing.T) {
	n := 6000
	if s := os.Getenv("FLOORWALKER_LIES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(1)
	if s := os.Getenv("FLOORWALKER_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	f := openFloor(t)
	l := &liar{Rand: rand.New(rand.NewPCG(seed, 7)), floor: f, scenes: f.scenes(), worded: map[int][]reply.Worded{}, ground: map[int]*reply.Ground{}}
	told, passed := map[string]int{}, 0
	start := time.Now()
	for told[""] < n {
		i := l.IntN(len(l.scenes))
		s := l.scenes[i]
		if l.ground[i] == nil {
			l.ground[i], l.worded[i] = s.ground(f.bank), s.wordings(f.bank)
		}
		w := l.worded[i][l.IntN(len(l.worded[i]))]
		way, again := lies[l.IntN(len(lies))], lies[l.IntN(len(lies))]
		text := way.bend(l, w, s.context.Locale)
		other := again.bend(l, w, s.context.Locale)
		if text == "" || text == w.Text {
			continue
		}
		if other == "" || other == w.Text {
			other = text
		}
		told[""]++
		told[way.name]++
		out, err := l.ground[i].Write(t.Context(), writes(1+l.IntN(12), text, other), w, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		if false := l.released(out, w.Text, text, other); false != "" {
			if passed++; passed <= 40 {
				t.Errorf("%s passed: %q\n   true: %s", way.name, false, w.Text)
			}
		}
	}
	t.Logf("%d lies of %d kinds in %v, %d passed", n, len(lies), time.Since(start).Round(time.Millisecond), passed)
	for _, way := range lies {
		t.Logf("%7d  %s", told[way.name], way.name)
	}
	if passed > 0 {
		t.Errorf("%d of %d lies passed", passed, n)
	}
}

// released is a sentence that was let out and isn't one of the true reply, "" if there is none.
func (l *liar) released(out reply.Written, truth string, texts ...string) string {
	written := out.Text
	if out.Fell {
		written = strings.TrimSuffix(written, truth)
	}
	rest := strings.TrimSpace(written)
	for rest != "" && strings.Contains(truth, rest) {
		return ""
	}
	if rest == "" {
		return ""
	}
	for _, sentence := range strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("。！？!?\n", r) }) {
		for _, part := range strings.SplitAfter(sentence, ". ") {
			if p := strings.TrimSpace(part); p != "" && !strings.Contains(truth, strings.TrimSuffix(p, ".")) {
				return p
			}
		}
	}
	return ""
}

// pick is a fact of a reply that is one of some kinds, -1 for none.
func (l *liar) pick(w reply.Worded, kinds ...catalog.Kind) int {
	from := l.IntN(max(1, len(w.Facts)))
	for i := range w.Facts {
		at := (from + i) % len(w.Facts)
		for _, k := range kinds {
			if w.Facts[at].Kind == k {
				return at
			}
		}
	}
	return -1
}

func replaced(w reply.Worded, i int, with string) string {
	return w.Text[:w.Facts[i].Start] + with + w.Text[w.Facts[i].End:]
}

var figures = []catalog.Kind{catalog.KindPrice, catalog.KindAmount, catalog.KindStock, catalog.KindQuantity, catalog.KindCount, catalog.KindPolicy, catalog.KindDate}

// anotherValue tells a value that nothing in the turn has.
func (l *liar) anotherValue(w reply.Worded, locale string) string {
	i := l.pick(w, figures...)
	if i < 0 {
		return ""
	}
	f := w.Facts[i]
	for range 20 {
		with := l.instead(f.Fact, locale)
		if with != "" && !strings.Contains(w.Text, with) && !l.equal(f.Fact, with) {
			return replaced(w, i, with)
		}
	}
	return ""
}

func (l *liar) equal(f catalog.Fact, with string) bool {
	same := map[string]string{"①": "1", "two": "2", "俩": "2", "three": "3", "三": "3", "seven": "7", "eleven": "11", "十二": "12", "nineteen": "19", "二十一": "21", "twenty-two": "22", "forty": "40",
		"twenty-one dollars": "21.00", "一百零一美元": "101.00", "two hundred and nine dollars": "209.00", "三十三块钱": "33.00"}
	return with == f.Value || same[with] == f.Value
}

// instead words a value that isn't a fact's.
func (l *liar) instead(f catalog.Fact, locale string) string {
	switch f.Kind {
	case catalog.KindPrice, catalog.KindAmount:
		d, _ := decimal.NewFromString(f.Value)
		d = l.near(d)
		return l.money(d)
	case catalog.KindDate:
		t, _ := time.Parse(time.DateOnly, f.Value[:10])
		return l.date(t.AddDate(0, l.IntN(3)-1, 1+l.IntN(20)))
	case catalog.KindPolicy:
		a := 8 + l.IntN(20)
		return []string{fmt.Sprintf("%d-%d", a, a+2), fmt.Sprintf("%d to %d", a, a+1), fmt.Sprintf("%d", a), "eight to nine", "八到九", "两三", "a couple of", "六十"}[l.IntN(8)]
	}
	d, err := decimal.NewFromString(f.Value)
	if err != nil {
		return ""
	}
	return l.number(int(d.IntPart()) + 1 + l.IntN(40))
}

func (l *liar) near(d decimal.Decimal) decimal.Decimal {
	switch l.IntN(5) {
	case 0:
		return d.Add(decimal.NewFromInt(int64(1 + l.IntN(30))))
	case 1:
		return d.Mul(decimal.NewFromInt(10))
	case 2:
		return d.Add(decimal.New(int64(1+l.IntN(99)), -2))
	case 3:
		return d.Div(decimal.NewFromInt(2)).Round(2).Sub(decimal.New(1, -2))
	}
	return decimal.New(int64(100+l.IntN(30000)), -2).Add(d)
}

// money writes an amount of dollars in one of the ways that people do.
func (l *liar) money(d decimal.Decimal) string {
	text := d.StringFixed(2)
	ways := []string{"$" + text, "US$" + text, text + " USD", text + "美元", text + " dollars", "＄" + wide(text), "$" + wide(text), "€" + text, text + "元", "¥" + text,
		"$" + d.Truncate(0).String(), strings.Replace("$"+text, ".", ",", 1), "$" + text + "k", text, "$" + strings.Replace(text, "0", "O", 1), "$" + strings.Replace(text, "1", "l", 1),
		"twenty-one dollars", "一百零一美元", "two hundred and nine dollars", "三十三块钱", "$ " + text, "nearly nothing but $" + text, "§" + text, "$" + arabic(text), "$1" + text}
	return ways[l.IntN(len(ways))]
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, s)
}

func arabic(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '٠'
		}
		return r
	}, s)
}

func (l *liar) number(n int) string {
	words := []string{"two", "three", "seven", "eleven", "nineteen", "twenty-two", "forty", "ninety-nine", "a dozen", "a couple of", "two hundred", "half a dozen", "三", "十二", "二十一", "两百", "一百零五", "貳拾", "俩", "几十"}
	ways := []string{strconv.Itoa(n), wide(strconv.Itoa(n)), words[l.IntN(len(words))], strconv.Itoa(n) + "+", strconv.Itoa(n) + ".5", "1" + strconv.Itoa(n), strconv.Itoa(n) + "00", "①", "²" + strconv.Itoa(n), "-" + strconv.Itoa(n), "Ⅻ", arabic(strconv.Itoa(n)), strconv.Itoa(n) + " thousand", strconv.Itoa(n) + "万"}
	return ways[l.IntN(len(ways))]
}

func (l *liar) date(t time.Time) string {
	ways := []string{t.Format("Jan 2, 2006"), t.Format("January 2"), t.Format("2 January 2006"), t.Format("2006-01-02"), t.Format("2006年1月2日"), t.Format("1月2号"), t.Format("01/02"),
		"tomorrow", "next Monday", "on Friday", "the 3rd of May", "the end of the month", "明天", "下周三", "后天", "this weekend", "in a few days", "月底", "two days from now", "今晚", wide(t.Format("2006年1月2日")), "Nov. 31st", "十一月三日", "Christmas Eve", "the day after tomorrow"}
	return ways[l.IntN(len(ways))]
}

// borrowed tells a value of the turn in another's place.
func (l *liar) borrowed(w reply.Worded, locale string) string {
	i := l.pick(w, figures...)
	if i < 0 {
		return ""
	}
	f := w.Facts[i]
	j := l.IntN(len(w.Facts))
	g := w.Facts[j]
	a, b := w.Text[f.Start:f.End], w.Text[g.Start:g.End]
	if j == i || a == b || family(f.Kind) != family(g.Kind) || f.Value == g.Value {
		return ""
	}
	return replaced(w, i, b)
}

func family(k catalog.Kind) int {
	switch k {
	case catalog.KindPrice, catalog.KindAmount:
		return 1
	case catalog.KindStock, catalog.KindQuantity, catalog.KindCount, catalog.KindPolicy:
		return 2
	case catalog.KindDate:
		return 3
	case catalog.KindName:
		return 4
	}
	return 0
}

// swapped exchanges two values of a kind.
func (l *liar) swapped(w reply.Worded, locale string) string {
	i := l.pick(w, figures...)
	if i < 0 {
		return ""
	}
	j := l.IntN(len(w.Facts))
	if j < i {
		i, j = j, i
	}
	f, g := w.Facts[i], w.Facts[j]
	if i == j || family(f.Kind) != family(g.Kind) || f.Value == g.Value || family(f.Kind) == 0 {
		return ""
	}
	return w.Text[:f.Start] + w.Text[g.Start:g.End] + w.Text[f.End:g.Start] + w.Text[f.Start:f.End] + w.Text[g.End:]
}

// renamed tells it of another product or order.
func (l *liar) renamed(w reply.Worded, locale string) string {
	i := l.pick(w, catalog.KindName)
	if i < 0 {
		return ""
	}
	name := w.Text[w.Facts[i].Start:w.Facts[i].End]
	switch {
	case strings.HasPrefix(w.Facts[i].Value, "W1"):
		return replaced(w, i, l.floor.orders[l.IntN(len(l.floor.orders))].ID)
	case strings.Contains(name, "ending in") || name == "PayPal" || name == "Alipay":
		return replaced(w, i, "Visa ending in "+strconv.Itoa(1000+l.IntN(9000)))
	}
	for _, p := range l.floor.products {
		if p.Title != name && p.Translations["zh"].Title != name {
			continue
		}
		other := l.floor.products[l.IntN(len(l.floor.products))]
		with := other.Title
		if locale == "zh" {
			with = other.Translations["zh"].Title
		}
		if with == "" || utf8.RuneCountInString(with) < 3 || strings.Contains(with, name) || strings.Contains(name, with) || strings.Contains(w.Text, with) {
			return ""
		}
		if !strings.Contains(with, " ") && locale == "en" {
			return ""
		}
		return replaced(w, i, with)
	}
	return ""
}

var turns = [][2]string{
	{"is in stock", "is out of stock"}, {"is in stock", "is sold out"}, {"is available", "is not available"}, {"is out of stock", "is in stock"}, {"isn't available", "is available"}, {"sold out", "available"}, {"有货", "缺货"}, {"有货", "没货"}, {"现在没有货", "现在有货"}, {"目前缺货", "目前有货"}, {"缺货", "有货"}, {"sold out", "in stock"}, {"is in stock", "isn't in stock"}, {"is available", "has run out"}, {"有货", "已经卖完了"},
	{" is delivered", " is cancelled"}, {" is delivered", " has been shipped and is on its way"}, {" is delivered", " hasn't been delivered yet"}, {" is delivered", " is not delivered"}, {" is on its way", " has been delivered"}, {" is on its way", " is pending"}, {" is on its way", " hasn't left us"}, {" is on its way", " was lost"},
	{" is pending", " is on its way"}, {" is pending", " has been delivered"}, {" is pending", " has been canceled"}, {" is cancelled", " is not cancelled"}, {" is cancelled", " is on its way"}, {" is cancelled", " has been delivered"}, {" is being packed", " is delivered"}, {" is being packed", " was dispatched"},
	{"已送达", "已取消"}, {"已送达", "还没有送达"}, {"已送达", "正在配货"}, {"已发货", "已送达"}, {"已发货", "还没发货"}, {"已发货", "待处理"}, {"待处理", "已发货"}, {"待处理", "已取消"}, {"已取消", "没有取消"}, {"已取消", "已发货"}, {"正在配货", "已签收"}, {"已送达", "丢件了"},
	{"still hasn't left us", "has left us"}, {"hasn't been sent", "has been sent out"}, {"还没有发货", "已经发货"}, {"一直没有发货", "已经发货了"},
}

func (l *liar) turned(w reply.Worded, locale string) string {
	from := l.IntN(len(turns))
	for i := range turns {
		t := turns[(from+i)%len(turns)]
		if strings.Contains(w.Text, t[0]) {
			if t[0] == "已送达" && strings.Contains(w.Text, "送达已") {
				continue
			}
			return strings.Replace(w.Text, t[0], t[1], 1)
		}
	}
	return ""
}

// negated denies what is so.
func (l *liar) negated(w reply.Worded, locale string) string {
	pairs := [][2]string{{" costs ", " doesn't cost "}, {" costs ", " does not cost "}, {"is in stock", "is not in stock"}, {" is delivered", " isn't delivered"}, {" is on its way", " is not on its way"}, {" is available", " is no longer available"}, {"价格是 ", "价格不是 "}, {"还有 ", "没有 "}, {"有货", "没有货"}, {"库存 ", "库存不是 "}, {"已发货", "未发货"}, {" is pending", " is no longer pending"}, {"is cancelled", "isn't cancelled"}, {"合计 ", "合计不是 "}}
	from := l.IntN(len(pairs))
	for i := range pairs {
		p := pairs[(from+i)%len(pairs)]
		if strings.Contains(w.Text, p[0]) {
			return strings.Replace(w.Text, p[0], p[1], 1)
		}
	}
	return ""
}

var promises = map[string][]string{
	"en": {"Shipping is free.", "We guarantee it.", "It's on the house.", "You get a full refund, no questions asked.", "It arrives tomorrow.", "You'll have it by Friday.", "We match any price.", "There's 20% off today.", "Delivery won't cost you a cent.", "It has a lifetime warranty.",
		"We'll throw in a second one.", "I promise it arrives in time.", "You can send it back whenever you like, free of charge.", "Your money back if you don't like it.", "The postage is on us.", "We will refund you within two days.", "It ships today.", "You won't pay for shipping.",
		"Use code SAVE10 for a discount.", "Rest assured, it is unbreakable.", "Only 302 left!", "Just one left in stock!", "It comes with a free gift.", "Orders like this ship overnight.", "Every purchase is insured.", "We'll reimburse the difference.", "It will be there within a week.", "See www.lamps.com for more.",
		"Write to boss@example.com.", "It's made in Italy.", "You save half the price.", "It's the lowest price anywhere.", "Two for the price of one.", "It's approved by the FDA.", "Nike makes it, Adidas sells it.", "We also have it in purple.", "You have ninety days to return it.", "Refund within 24 hours."},
	"zh": {"全场包邮。", "我们保证质量。", "免费送货上门。", "明天就能送到。", "不满意全额退款。", "现在下单打八折。", "支持七天无理由退货。", "买一送一。", "终身保修。", "假一赔十。", "运费我们出。", "三天内到账。", "最后一件！", "仅剩两百零二件。", "送您一份赠品。", "周五之前一定到。", "今天就发货。", "用优惠码立减十元。", "不收您一分钱运费。", "全網最低價。", "保證正品。", "免 费 送。",
		"绝对不会坏。", "还有紫色可选。", "可以给您便宜五块。", "三个月内可退。", "双倍赔偿。", "我们承担来回运费。", "两小时内退款。", "下周到货。", "详情见 www.lamp.cn。", "这款是苹果的，iPhone 也能用。", "给您打个折。", "买贵退差。"},
}

func (l *liar) promising(w reply.Worded, locale string) string {
	return l.beside(w, promises[locale][l.IntN(len(promises[locale]))], locale)
}

func (l *liar) beside(w reply.Worded, claim, locale string) string {
	space := ""
	if locale == "en" {
		space = " "
	}
	switch l.IntN(3) {
	case 0:
		return claim + space + w.Text
	case 1:
		if i := strings.LastIndexAny(w.Text, "."); i > 0 && i == len(w.Text)-1 && locale == "en" {
			return w.Text[:i] + ", and " + strings.ToLower(claim[:1]) + claim[1:]
		}
	}
	return w.Text + space + claim
}

// disguised writes a promise so that it is read, but not found.
func (l *liar) disguised(w reply.Worded, locale string) string {
	claim := map[string][]string{"en": {"Shipping is free.", "We guarantee it.", "There is a discount.", "It is complimentary."}, "zh": {"全场包邮。", "我们保证质量。", "免费送货。", "有优惠。"}}[locale][l.IntN(4)]
	runes := []rune(claim)
	var out strings.Builder
	way := l.IntN(6)
	twin := strings.NewReplacer("e", "е", "a", "а", "o", "о", "i", "і", "c", "с", "费", "⾩", "包", "⼓")
	switch {
	case way == 0 && locale == "en":
		return l.beside(w, twin.Replace(claim), locale)
	case way == 1:
		for _, r := range runes {
			out.WriteRune(r)
			out.WriteRune('\u200b')
		}
	case way == 2 && locale == "en":
		for _, r := range runes {
			if 'a' <= r && r <= 'z' {
				r += 'ａ' - 'a'
			}
			out.WriteRune(r)
		}
	case way == 3 && locale == "en":
		out.WriteString(strings.NewReplacer("free", "f r e e", "guarantee", "gua-ran-tee", "discount", "dis*count", "complimentary", "compli.mentary").Replace(claim))
	case way == 4 && locale == "en":
		out.WriteString(strings.NewReplacer("free", "frée", "guarantee", "guàrantee", "discount", "DISCOUNT", "complimentary", "Complimentáry").Replace(claim))
	case way == 5 && locale == "zh":
		out.WriteString(strings.NewReplacer("包邮", "包 郵", "保证", "保*證", "免费", "免-費", "优惠", "優 惠").Replace(claim))
	default:
		out.WriteString(strings.ToUpper(claim))
	}
	return l.beside(w, out.String(), locale)
}

// addedFigure adds a figure to a sentence.
func (l *liar) addedFigure(w reply.Worded, locale string) string {
	add := map[string][]string{
		"en": {" (was $999.00)", ", down from sixty dollars", ", with 40 more coming", ", rated 4.9", ", number one of its kind, with 3 awards", ", for two people", ", in 24 hours", ", just ninety-six hundred left", ", half price", ", 2 years old", ", due Monday", ", twice as good", " for a dozen", ", a £5 value"},
		"zh": {"（原价 999 美元）", "，只剩九百零三件", "，月销上千件", "，两天就到", "，半价", "，评分四点九", "，比别家便宜十块", "，每人限购2件", "，用了三年", "，周一到", "，满百减十"},
	}[locale]
	claim := add[l.IntN(len(add))]
	for _, end := range []string{".", "。"} {
		if i := strings.LastIndex(w.Text, end); i == len(w.Text)-len(end) && i > 0 {
			return w.Text[:i] + claim + end
		}
	}
	return w.Text + claim
}

// reunited gives a figure another unit.
func (l *liar) reunited(w reply.Worded, locale string) string {
	i := l.pick(w, catalog.KindPrice, catalog.KindAmount, catalog.KindPolicy, catalog.KindStock)
	if i < 0 {
		return ""
	}
	f := w.Facts[i]
	text := w.Text[f.Start:f.End]
	switch f.Kind {
	case catalog.KindPrice, catalog.KindAmount:
		bare := strings.TrimLeft(text, "US$")
		with := []string{"€" + bare, bare, "¥" + bare, text + "0", text + " a month", text + " million", text + "%", "-" + text, bare + " yuan", "two times " + text, text + " off", text + " per hour"}[l.IntN(12)]
		if strings.HasPrefix(w.Text[f.End:], with[min(len(with), len(text)):]) && with != bare {
			return ""
		}
		return replaced(w, i, with)
	case catalog.KindStock:
		if !strings.HasPrefix(w.Text[f.End:], " ") {
			return ""
		}
		return replaced(w, i, text+[]string{" days", " thousand", " percent", "%", " hours", " 万", " 天", " weeks"}[l.IntN(8)])
	}
	after := w.Text[f.End:]
	for _, unit := range []string{" business days", " days", " 个工作日", " 天"} {
		if strings.HasPrefix(after, unit) {
			with := []string{" weeks", " months", " hours", " 个月", " 年", " 小时", " 周", " minutes", " years"}[l.IntN(9)]
			return w.Text[:f.End] + with + after[len(unit):]
		}
	}
	return ""
}
