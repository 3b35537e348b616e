package entity

import (
	"regexp"
	"strings"
)

const (
	capitalised = `\p{Lu}[\p{L}\p{M}]*(?:['-]\p{L}[\p{L}\p{M}]*)*\.?`
	anyWord     = `[\p{Latin}][\p{Latin}\p{M}]*(?:['-]\p{Latin}[\p{Latin}\p{M}]*)*`
)

// surnames are the first characters of nearly all Chinese names, and the frequent double ones.
const surnames = `欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|司徒|端木|南宫|百里|呼延|独孤|宇文|长孙|轩辕|澹台|淳于|申屠|赫连|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万钱严赖覃洪武莫孔汤康易乔文温戴施柳俞倪樊季包聂焦岳齐梅盛童牛詹关凌辛管祝左涂谷祁舒耿牟卜路阮翁苗穆庄严尚尤游葛章鲍褚]`

var namePatterns = []struct {
	pattern  *regexp.Regexp
	expected bool // only where a name is expected
}{
	{regexp.MustCompile(`(?i:\bmy (?:full )?name is|\bmy name's|\bname's|\bname ?[:=]|\bnamed|\bunder the name(?: of)?)\s+(` + anyWord + `(?: ` + anyWord + `){0,2})`), false},
	{regexp.MustCompile(`(?i:\bi'm|\bi am|\bim|\bthis is|\bit's|\bit is)\s+(?i:mr\.? |mrs\.? |ms\.? )?(` + capitalised + `(?: ` + capitalised + `){1,2})`), false},
	{regexp.MustCompile(`(?:我叫做?|我的名字是|我名字是|名字叫?是?|姓名是?[:：]?|我姓\p{Han}[，,]?叫)\s*((?:` + surnames + `)\p{Han}{1,2})`), false},
	{regexp.MustCompile(`(?:我是)\s*((?:` + surnames + `)\p{Han}{1,2})(?:[^\p{Han}]|$)`), false},
	{regexp.MustCompile(`(?:我叫做?|我是|我的名字是|姓名是?[:：]?)\s*(` + capitalised + `(?: ` + capitalised + `){1,2})`), false},
	{regexp.MustCompile(`(` + capitalised + `(?: ` + capitalised + `){1,2})`), true},
	{regexp.MustCompile(`(?:^|[\s,，;；])((?:` + surnames + `)\p{Han}{1,2})(?:$|[\s,，;；。\d])`), true},
	{regexp.MustCompile(`^\s*(` + anyWord + ` ` + anyWord + `(?: ` + anyWord + `)?)[\s,]+(?i:zip(?: code)?|postal code|postcode)?[\s,]*\d{5}`), true},
}

// notNames end a name that was read on too far, or show that there was none.
var notNames = set(`and my from zip zipcode postal postcode code email the a an is i i'm im but with in at
		order looking not here just so ordering sorry trying calling having very really interested sure
		hi hello hey thanks thank please yes no ok good morning afternoon evening dear it's it this that
		by on at to as if can could would want need return cancel exchange where what when how who why customer new`)

func names(in *input) []hit {
	expected := in.expectsAny("name", "name_postal_code", "identity")
	var out []hit
	for _, p := range namePatterns {
		if p.expected && (!expected || len(out) > 0) {
			continue
		}
		for _, m := range p.pattern.FindAllStringSubmatchIndex(in.String, -1) {
			if h, ok := nameAt(in, m[2], m[3], p.expected); ok {
				out = append(out, h)
			}
		}
	}
	return disjoint(out)
}

// nameAt trims words that are no part of a name from both ends.
func nameAt(in *input, start, end int, needsTwo bool) (hit, bool) {
	words := strings.Split(in.String[start:end], " ")
	for len(words) > 0 && notNames[strings.ToLower(words[0])] {
		if !needsTwo {
			return hit{}, false // "I'm Looking", "my name is not …"
		}
		start += len(words[0]) + 1
		words = words[1:]
	}
	for i, w := range words {
		if notNames[strings.ToLower(w)] {
			words = words[:i]
			break
		}
	}
	value := strings.TrimRight(strings.Join(words, " "), ".")
	latin := value != "" && value[0] < 0x80
	if value == "" || needsTwo && latin && len(words) < 2 {
		return hit{}, false
	}
	return hit{"name", strings.Join(strings.Fields(value), " "), start, start + len(value)}, true
}
