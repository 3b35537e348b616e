package numeral

import "strings"

// Money is an amount with its currency.
type Money struct {
	Amount     float64
	Currency   string // ISO 4217; "" where only the shop can tell: 块, 元
	Start, End int    // half-open byte offsets of the folded text

	first, next int
}

// String is "300 USD", or "300" without a currency.
func (m Money) String() string {
	if m.Currency == "" {
		return Price(m.Amount)
	}
	return Price(m.Amount) + " " + m.Currency
}

// Price writes an amount with two decimals if it isn't whole: "19.90".
func Price(amount float64) string {
	s := String(amount)
	if whole, part, ok := strings.Cut(s, "."); ok && len(part) == 1 {
		return whole + "." + part + "0"
	}
	return s
}

// unit is a currency by one of its names.
type unit struct {
	code   string
	factor float64 // of the main unit: 0.01 for cents
	local  bool    // 元: whatever the shop counts in
	prefix bool    // may stand before the amount
	suffix bool    // may stand behind it
}

// named lists currencies: code, minor unit's names, names. The plural in -s is understood.
var named = [][3]string{
	{"USD", "cent|¢|美分", "dollar|us dollar|u.s. dollar|united states dollar|american dollar|buck|美元|美金|美圆|美刀|刀"},
	{"EUR", "euro cent|欧分", "euro|欧元|歐元"},
	{"GBP", "penny|pennies|pence|便士", "pound|british pound|pound sterling|sterling|quid|英镑|英鎊"},
	{"CNY", "", "yuan|chinese yuan|renminbi|rmb|人民币|人民幣|元人民币"},
	{"JPY", "日本銭|銭", "yen|japanese yen|日元|日圆|日圓"},
	{"HKD", "", "hong kong dollar|港元|港币|港幣"},
	{"TWD", "", "taiwan dollar|new taiwan dollar|台币|新台币|台幣"},
	{"CAD", "", "canadian dollar|加元|加币"},
	{"AUD", "", "australian dollar|aussie dollar|澳元|澳币"},
	{"NZD", "", "new zealand dollar|新西兰元|纽元"},
	{"SGD", "", "singapore dollar|新加坡元|新币"},
	{"CHF", "", "swiss franc|franc|瑞士法郎|法郎"},
	{"SEK", "", "swedish krona|swedish kronor|瑞典克朗"},
	{"NOK", "", "norwegian krone|norwegian kroner|挪威克朗"},
	{"DKK", "", "danish krone|danish kroner|丹麦克朗"},
	{"INR", "paise", "rupee|indian rupee|印度卢比|卢比"},
	{"KRW", "", "won|korean won|south korean won|韩元|韓元|韩币"},
	{"RUB", "kopek|kopeck", "ruble|rouble|russian ruble|卢布"},
	{"BRL", "", "brazilian real|reais|巴西雷亚尔|雷亚尔"},
	{"MXN", "", "mexican peso|peso|墨西哥比索|比索"},
	{"TRY", "", "turkish lira|lira|里拉|土耳其里拉"},
	{"PLN", "", "polish zloty|zloty|兹罗提"},
	{"CZK", "", "czech koruna|捷克克朗"},
	{"HUF", "", "hungarian forint|forint|福林"},
	{"THB", "", "thai baht|baht|泰铢"},
	{"IDR", "", "indonesian rupiah|rupiah|印尼盾"},
	{"MYR", "sen", "malaysian ringgit|ringgit|令吉|马币"},
	{"PHP", "", "philippine peso|菲律宾比索"},
	{"VND", "", "vietnamese dong|越南盾"},
	{"ZAR", "", "south african rand|rand|兰特"},
	{"AED", "", "dirham|uae dirham|迪拉姆"},
	{"SAR", "", "saudi riyal|riyal|沙特里亚尔"},
	{"ILS", "", "shekel|israeli shekel|谢克尔"},
	{"EGP", "", "egyptian pound|埃及镑"},
	{"GEL", "tetri", "georgian lari|lari"},
	{"UAH", "", "hryvnia|ukrainian hryvnia"},
	{"RON", "", "romanian leu|leu|lei"},
	{"BGN", "", "bulgarian lev|lev|leva"},
	{"ISK", "", "icelandic krona"},
	{"ARS", "", "argentine peso"},
	{"CLP", "", "chilean peso"},
	{"COP", "", "colombian peso"},
	{"PKR", "", "pakistani rupee"},
	{"NGN", "", "naira|nigerian naira"},
	{"KES", "", "kenyan shilling"},
	{"MOP", "", "macanese pataca|pataca|澳门元|澳门币"},
	{"FIM", "", "finnish markka|markka|芬兰马克"},
	{"DEM", "", "deutsche mark|german mark|马克"},
	{"NLG", "", "dutch guilder|netherlands guilder|guilder"},
	{"BTC", "", "bitcoin|比特币"},
}

// signs are written before an amount, some behind it as well.
var signs = map[string]string{
	"$": "USD", "us$": "USD", "u.s$": "USD", "u.s.$": "USD", "usd$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "hk$": "HKD", "c$": "CAD",
	"ca$": "CAD", "cad$": "CAD", "a$": "AUD", "au$": "AUD", "aud$": "AUD", "nz$": "NZD", "s$": "SGD", "nt$": "TWD", "r$": "BRL", "₹": "INR",
	"₩": "KRW", "₽": "RUB", "₺": "TRY", "₾": "GEL", "₴": "UAH", "฿": "THB", "₫": "VND", "₪": "ILS", "₱": "PHP", "₿": "BTC",
}

// units finds a currency by what is written, without spaces and in the singular.
var units = func() map[string]unit {
	out := map[string]unit{}
	add := func(name string, u unit) {
		name = strings.ReplaceAll(name, " ", "")
		out[name] = u
		if name[0] < 0x80 {
			out[name+"s"] = u
		}
	}
	for _, n := range named {
		code := strings.ToLower(n[0])
		if code != "all" && code != "try" && code != "cop" && code != "php" && code != "ron" {
			add(code, unit{code: n[0], factor: 1, prefix: true, suffix: true})
			out["m"+code] = unit{code: n[0], factor: 1e6, suffix: true}
		}
		for _, name := range strings.Split(n[2], "|") {
			add(name, unit{code: n[0], factor: 1, suffix: true, prefix: name == "rmb" || name == "人民币" || name == "人民幣"})
		}
		for _, name := range strings.Split(n[1], "|") {
			if name != "" {
				add(name, unit{code: n[0], factor: 0.01, suffix: true, prefix: name == "sen"})
			}
		}
	}
	for sign, code := range signs {
		out[sign] = unit{code: code, factor: 1, prefix: true, suffix: len(sign) < 4 && !strings.ContainsAny(sign, "abcdefghijklmnopqrstuvwxyz")}
	}
	for _, yuan := range []string{"块钱", "块", "元", "圆", "圓", "塊", "塊錢"} {
		out[yuan] = unit{factor: 1, local: true, suffix: true}
	}
	for _, jiao := range []string{"毛钱", "毛", "角"} {
		out[jiao] = unit{factor: 0.1, local: true, suffix: true}
	}
	return out
}()

// longest is how many tokens a currency's name has at most.
const longest = 6

// unitAfter reads the longest currency that begins at token i.
func (x *Text) unitAfter(i int) (unit, int, bool) {
	name, best, end := "", unit{}, 0
	for j := i; j < min(len(x.tokens), i+longest); j++ {
		name += x.text(j)
		if u, ok := units[name]; ok && u.suffix && !(x.is(j, word) && x.joined(j+1) && x.is(j+1, digits)) {
			best, end = u, j+1
		}
	}
	return best, end, end > 0
}

// unitBefore reads the longest currency that ends before token i.
func (x *Text) unitBefore(i int) (unit, int, bool) {
	best, at, name := unit{}, -1, ""
	for j := i - 1; j >= max(0, i-4); j-- {
		name = x.text(j) + name
		if u, ok := units[name]; ok && u.prefix && !(x.is(j, word) && x.joined(j) && x.is(j-1, word)) &&
			!((name == "a$" || name == "s$" || name == "r$") && x.tokens[i-1].spaced) {
			best, at = u, j
		}
	}
	return best, at, at >= 0
}

// Money finds amounts with a currency, in one piece even where it has cents: "thirteen dollars and forty-five cents", "三块五".
func (x *Text) Money() []Money {
	var out []Money
	free := 0 // tokens before it belong to an amount
	for k := 0; k < len(x.found); k++ {
		n := x.found[k]
		if n.first < free || n.Value < 0 {
			continue
		}
		m, ok := x.money(n, free)
		if !ok {
			continue
		}
		m.Start, m.End = x.tokens[m.first].start, x.tokens[m.next-1].end
		free = m.next
		out = append(out, m)
	}
	return out
}

func (x *Text) money(n Number, free int) (Money, bool) {
	m := Money{Amount: n.Value, first: n.first, next: n.next}
	if u, at, ok := x.unitBefore(n.first); ok && at >= free {
		m.first, m.Currency, m.Amount = at, u.code, n.Value*u.factor
		if s := scales[x.text(m.next)]; s > 0 {
			m.Amount, m.next = m.Amount*s, m.next+1
		}
		if v, end, ok := x.unitAfter(m.next); ok && (v.code == u.code || v.local) && v.factor == 1 {
			m.next = end // $300 USD, ¥300元
		}
		if x.text(m.next) == "and" {
			m.cents(x, true)
		}
		return m, true
	}
	at := n.next
	if x.text(at) == "-" && x.joined(at) && x.joined(at+1) {
		at++
	}
	u, end, ok := x.unitAfter(at)
	if !ok || x.text(end-1) == "$" && x.joined(end) && !x.joined(end-1) || u.code == "CAD" && x.text(at) == "c" {
		return m, false
	}
	if n.attached && u.code == "" {
		return m, false
	}
	m.Currency, m.Amount, m.next = u.code, n.Value*u.factor, end
	if s := scales[x.text(m.next)]; s > 0 {
		m.Amount, m.next = m.Amount*s, m.next+1
	}
	if u.local && u.factor == 1 { // 300元人民币
		if v, end, ok := x.unitAfter(m.next); ok && v.code != "" && !v.local {
			m.Currency, m.next = v.code, end
		}
	}
	if u.factor == 1 {
		m.cents(x, u.local)
	}
	return m, true
}

// cents adds the smaller unit that follows: "and forty-five cents", "forty five", "五毛", 三块五.
func (m *Money) cents(x *Text, short bool) {
	at := m.next
	switch x.text(at) {
	case "and", "又", "零":
		at++
	}
	for {
		var n Number
		ok := false
		for _, f := range x.found {
			if f.first == at {
				n, ok = f, true
			}
		}
		if !ok || n.Value < 0 || n.Value >= 100 {
			return
		}
		u, end, hasUnit := x.unitAfter(n.next)
		_, sign, ownSign := x.unitBefore(n.first)
		ownSign = ownSign && sign >= m.next
		local := x.is(m.next-1, han)
		switch {
		case hasUnit && u.factor < 1 && (u.code == m.Currency || m.Currency == "" && u.local || u.local && local || u.code == "USD" && (m.Currency == "EUR" || strings.HasSuffix(m.Currency, "D"))):
			m.Amount, m.next = m.Amount+n.Value*u.factor, end
			at = end
			if !u.local {
				return
			}
			continue
		case hasUnit || n.attached || ownSign:
			return
		case local && n.Value < 10 && n.next == n.first+1 && at == m.next && !x.is(n.next, han): // 三块五
			m.Amount, m.next = m.Amount+n.Value/10, n.next
		case !local && n.Value == float64(int(n.Value)) && n.next-n.first <= 3 && !x.is(n.next, digits) && (n.Value >= 10 || at > m.next) &&
			(n.next == len(x.tokens) || ended[x.text(n.next)] || x.is(n.next, word) && x.is(n.first, word)):
			m.Amount, m.next = m.Amount+n.Value/100, n.next
		}
		return
	}
}

// ended are what may follow cents that aren't called so: "15 dollars 50 more".
var ended = set(`. , ! ? ; more and but or please per for each extra`)
