package entity

import "strings"

// These sets are constants in all but syntax: nothing writes to them.
var (
	// vague option values say something else in most sentences.
	vague = set(`yes no none other any all full new set with without never always standard regular
		default normal open up down in on off left right good best one two three four five six`)

	// generic words end titles without naming the thing.
	generic = set(`set kit pack pro mini plus max one edition series collection model version bundle pair
		ml l cl g kg oz lb lbs cm mm inch w v gb tb piece small medium large xl black white blue red
		green grey gray silver new`)

	// common words are right as they are, however near to a product's word.
	common = set(`please return cancel change should before really another received delivery address
		ordered orders payment shipped refund exchange number pending different working looking`)

	// linking words are what may stand between an option's name and its value.
	linking = set(`is are be = in a of the to : 是 为 要 选 的`)
)

// optionWords are other words for the usual names of options.
var optionWords = map[string][]string{
	"color":    {"colour", "colored", "颜色", "色"},
	"size":     {"尺寸", "尺码", "大小", "码", "号"},
	"capacity": {"volume", "容量"},
	"material": {"材质", "材料"},
	"style":    {"款式", "样式"},
	"length":   {"长度"},
	"width":    {"宽度"},
	"height":   {"高度"},
	"weight":   {"重量"},
	"power":    {"功率"},
	"storage":  {"存储", "内存"},
	"pattern":  {"图案"},
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
