package entity

import (
	"strconv"
	"strings"
)

var englishNumerals = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
	"ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
	"sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "dozen": 12,
}

var chineseDigits = map[rune]int{
	'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '俩': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
}

var chineseUnits = map[rune]int{'十': 10, '百': 100, '千': 1000, '万': 10000}

// numeral reads digits, English words up to a hundred and Chinese numerals ("三百", "两千五",
// "3万"), and writes them as digits. It is false for anything else.
func numeral(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if n, ok := englishNumerals[s]; ok {
		return strconv.Itoa(n), true
	}
	if word, rest, ok := strings.Cut(s, " "); ok && rest == "hundred" {
		if n, ok := englishNumerals[word]; ok && n < 10 {
			return strconv.Itoa(n * 100), true
		}
	}
	plain := strings.ReplaceAll(s, ",", "")
	if plain != "" && strings.Trim(plain, "0123456789.") == "" {
		if len(plain) > 15 || strings.Count(plain, ".") > 1 {
			return "", false
		}
		whole, fraction, _ := strings.Cut(plain, ".")
		whole = strings.TrimLeft(whole, "0")
		if whole == "" {
			whole = "0"
		}
		if fraction != "" {
			return whole + "." + fraction, true
		}
		return whole, true
	}
	return chineseNumeral(plain)
}

func chineseNumeral(s string) (string, bool) {
	total, section, digit, unit := 0, 0, -1, 0
	runes := []rune(s)
	if len(runes) == 0 || len(runes) > 9 {
		return "", false
	}
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if r >= '0' && r <= '9' {
			if digit < 0 || i > 0 && (runes[i-1] < '0' || runes[i-1] > '9') {
				digit = 0
			}
			digit = digit*10 + int(r-'0')
			continue
		}
		if d, ok := chineseDigits[r]; ok {
			if digit > 0 {
				return "", false
			}
			digit = d
			continue
		}
		u, ok := chineseUnits[r]
		if !ok {
			return "", false
		}
		if u == 10000 {
			total = (section + max(digit, 0)) * u
			section = 0
		} else {
			if digit < 0 {
				digit = 1
			}
			section += digit * u
		}
		digit, unit = -1, u
	}
	if digit > 0 && unit > 10 && runes[len(runes)-1] != '零' && !strings.ContainsRune(s, '零') {
		digit *= unit / 10 // 三百五 is 350
	}
	return strconv.Itoa(total + section + max(digit, 0)), true
}
