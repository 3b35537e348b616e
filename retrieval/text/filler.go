package text

import "strings"

// Words that say nothing about what is looked for: grammar, and how people ask a shop.
// They are left out of a query unless it has nothing else.
const (
	fillerWords = `a an and any are as at be been but by can could did do does for from get give got had has have
		having he her here hers him his how i if in into is it its just let like looking me my need of on or our
		please she show so some than that the their them then there these they this those to too under us want
		was we were what when where which who will with would you your yours buy find searching search hi hello
		hey thanks thank im ill id youre dont am also one ones something anything available sell
		about not so why very really ok okay then well please`
	fillerPhrases = `的 了 吗 呢 吧 啊 呀 嘛 和 与 及 或 是 在 有 我 你 您 们 他 她 它 这 那 个 一个 一款 一些 请 请问 想 要 想要 我想
		我要 买 想买 购买 我想买 我要买 找 寻找 推荐 有没有 有什么 有哪些 哪些 哪个 哪款 什么 怎么 如何 多少 可以 能 能不能 可不可以
		给我 帮我 帮 看看 看一下 一下 卖 你们 我们 你们有 还有 就 都 也 很 比较 会 吗 不 没 没有 需要 麻烦 谢谢 你好 您好 款 件 把
		怎么办 咋办 怎样 咋样 怎么样 为什么 为啥 然后 如果 假如 会不会 是不是 要不要 行吗 行不行 行 等等 那怎么办 吗啊 什么样`
)

// filler finds filler at the start of atoms.
type filler struct {
	phrases map[string]bool
	longest int
}

func newFiller() filler {
	f := filler{phrases: map[string]bool{}, longest: 1}
	for _, w := range strings.Fields(fillerWords) {
		f.phrases[w] = true
	}
	for _, p := range strings.Fields(fillerPhrases) {
		f.phrases[p] = true
		f.longest = max(f.longest, len([]rune(p)))
	}
	return f
}

// at says how many atoms from the first on are filler.
func (f filler) at(atoms []Atom) int {
	if len(atoms) == 0 {
		return 0
	}
	if !atoms[0].Han {
		if f.phrases[atoms[0].Word] {
			return 1
		}
		return 0
	}
	best, phrase := 0, ""
	for n := range min(f.longest, len(atoms)) {
		if !atoms[n].Han || n > 0 && !atoms[n].Glued {
			break
		}
		phrase += atoms[n].Term
		if f.phrases[phrase] {
			best = n + 1
		}
	}
	return best
}
