package skill

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/catalog"
)

//go:embed change_words.yaml
var changeWordsFile []byte

// changeWords is change_words.yaml: how people speak of what is to be changed, by language.
type changeWords struct {
	Everything, Several, Also   lists
	Except, Kept                lists
	AllBut                      lists `yaml:"all_but"`
	Same, Original              lists
	EndingIn                    lists `yaml:"ending_in"`
	InsteadOf                   lists `yaml:"instead_of"`
	Otherwise, Without          lists
	Any                         lists
	Negations                   lists // of a value
	Links                       lists // between an option's name and its value
	Joining                     lists // all that may stand between two things that are named together
	EveryOrder                  lists `yaml:"every_order"`
	Orders, Every               lists
	OrdersAll                   lists `yaml:"orders_all"`
	Filler                      lists // of titles: words that name nothing
	TitleEnds                   lists `yaml:"title_ends"`
	Boundaries                  lists
	NoValues                    []string `yaml:"no_values"`
	Account, Address            lists
	Countries, Places           [][]string
	Alongside                   lists
	Described                   catalog.Text
	WithBalance                 catalog.Text `yaml:"with_balance"`
	Variant                     catalog.Text
	MethodNames                 map[string][]string `yaml:"method_names"`
	OneOf                       lists               `yaml:"one_of"`
	Keeping                     lists               // before a number of pieces that are kept
	everything, several, also   phrases
	except, kept, allBut        phrases
	same, original, insteadOf   phrases
	endingIn                    phrases
	otherwise, without, account phrases
	address                     phrases
	anyOne, oneOf               phrases
	boundary, negation          phrases
	everyOrder, orders, every   phrases
	alongside                   phrases
	ordersAll                   phrases
	links, joining              map[string]bool
	filler, ends                map[string]bool
	none                        map[string]bool
}

func loadChangeWords() *changeWords {
	w := &changeWords{}
	if err := yaml.UnmarshalWithOptions(changeWordsFile, w, yaml.Strict()); err != nil {
		panic(fmt.Errorf("change_words.yaml: %w", err)) // the file is part of the program, and tests load it
	}
	w.everything, w.several, w.also = newPhrases(w.Everything.all()), newPhrases(w.Several.all()), newPhrases(w.Also.all())
	w.except, w.kept, w.allBut = newPhrases(w.Except.all()), newPhrases(w.Kept.all()), newPhrases(w.AllBut.all())
	w.same, w.original, w.insteadOf = newPhrases(w.Same.all()), newPhrases(w.Original.all()), newPhrases(w.InsteadOf.all())
	w.otherwise, w.without, w.account = newPhrases(w.Otherwise.all()), newPhrases(w.Without.all()), newPhrases(w.Account.all())
	w.anyOne, w.oneOf, w.boundary = newPhrases(w.Any.all()), newPhrases(w.OneOf.all()), newPhrases(w.Boundaries.all())
	w.endingIn = newPhrases(w.EndingIn.all())
	w.address, w.negation = newPhrases(w.Address.all()), newPhrases(w.Negations.all())
	w.everyOrder, w.orders, w.ordersAll = newPhrases(w.EveryOrder.all()), newPhrases(w.Orders.all()), newPhrases(w.OrdersAll.all())
	w.alongside, w.every = newPhrases(w.Alongside.all()), newPhrases(w.Every.all())
	w.links, w.joining = wordSet(w.Links.all()), wordSet(w.Joining.all())
	w.filler, w.ends, w.none = wordSet(w.Filler.all()), wordSet(w.TitleEnds.all()), wordSet(w.NoValues)
	return w
}

// keeps reports whether what stands right before a number says that so many are kept.
func (w *changeWords) keeps(before string) bool {
	before = strings.ToLower(strings.TrimSpace(before))
	return slices.ContainsFunc(w.Keeping.all(), func(word string) bool { return strings.HasSuffix(before, word) })
}

// joins reports whether words between two things only join them: ", the", "and my".
func (w *changeWords) joins(between string) bool {
	return !slices.ContainsFunc(tokensOf(between), func(t token) bool { return !w.joining[t.word] })
}

func wordSet(list []string) map[string]bool {
	set := map[string]bool{}
	for _, word := range list {
		set[word] = true
	}
	return set
}
