package knowledge_test

import (
	"slices"
	"testing"

	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

func TestSentences(t *testing.T) {
	for text, want := range map[string][]string{
		"It costs $5.95 a parcel. Free over $50.00. ":                   {"It costs $5.95 a parcel.", "Free over $50.00."},
		"Ask Mr. Li, e.g. at 10 a.m. or later. He knows.":               {"Ask Mr. Li, e.g. at 10 a.m. or later.", "He knows."},
		"We close at 6 p.m. Call before.":                               {"We close at 6 p.m.", "Call before."},
		"Made in the U.S. by hand. See no. 5!":                          {"Made in the U.S. by hand.", "See no. 5!"},
		`He said "Stop!" Then he left.`:                                 {`He said "Stop!"`, "Then he left."},
		"Really?! Yes... it is. OK…":                                    {"Really?!", "Yes... it is.", "OK…"},
		"Mail help@shop.example.com or visit shop.example. We are open": {"Mail help@shop.example.com or visit shop.example.", "We are open"},
		"满 50.00 美元包邮。不到的收 5.95 美元！可以吗？“可以。”好的":                         {"满 50.00 美元包邮。", "不到的收 5.95 美元！", "可以吗？", "“可以。”", "好的"},
		"太好了!谢谢":                                                        {"太好了!", "谢谢"},
		"We take:\n- Visa\n- PayPal\n\nNo\ncash.":                       {"We take:", "- Visa", "- PayPal", "No\ncash."},
		"Steps:\n1. Boil.\n2. Rinse.":                                   {"Steps:", "1. Boil.", "2. Rinse."},
		"at 40 °C. 3 days later.":                                       {"at 40 °C.", "3 days later."},
		"":                                                              nil,
		" \n ":                                                          nil,
	} {
		if got := knowledge.Sentences(text); !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
