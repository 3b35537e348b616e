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

	// grammar words name nothing by themselves: "can" is no watering can.
	grammar = set(`a an the can could will would may might must shall should do does did done am is are was
		were be been have has had get got go going need want let make may not no yes if or and but so of in on
		at to for from by with as it its this that these those there here who what when where why how all any
		some each every one ones more most less than then too very just only also up down out off over back
		now please you u your we our us they them he she me my i`)

	// common words are right as they are, however near to a product's word.
	common = set(`please return cancel change should before really another received delivery address
		ordered orders payment shipped refund exchange number pending different working looking around something anything bigger larger smaller cheaper`)

	// spoken words end titles, too, and alone are mostly something else: "can I", "watering can".
	spoken = set(`can may must will might set`)

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

// units are the spellings of each unit that figures of options have.
var units = [][]string{
	{"inch", "inches", "英寸", "寸", "吋"},
	{"ml", "milliliter", "millilitre", "cc", "毫升"},
	{"l", "liter", "litre", "升", "公升"},
	{"cm", "centimeter", "centimetre", "厘米", "公分"},
	{"m", "meter", "metre", "米"},
	{"mm", "millimeter", "millimetre", "毫米"},
	{"kg", "kilo", "kilogram", "公斤", "千克"},
	{"g", "gram", "克"},
	{"lb", "lbs", "pound", "磅"},
	{"oz", "ounce", "盎司"},
	{"w", "watt", "瓦"},
	{"lm", "lumen", "流明"},
	{"pieces", "piece", "pcs", "件", "片"},
	{"gb", "g", "gigabyte"},
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
