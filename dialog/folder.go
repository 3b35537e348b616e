package dialog

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
	"github.com/floorwalker/floorwalker/dialog/builtin"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
	"github.com/floorwalker/floorwalker/nlu/intent"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

// Folder is what a shop folder says beside its records, read and checked.
type Folder struct {
	Settings   catalog.Settings
	Policy     map[string]any // the shop's over the built-in
	Silence    time.Duration  // after which an open question is asked once more; 0: never
	Intents    intent.Set
	Flows      *flow.Set
	Replies    *reply.Bank
	Passages   []retrieval.Passage
	Synonyms   [][]string
	Promotions []skill.Promotion
	Remotes    []*skill.Remote
	Orders     *skill.OrderSystem // nil: orders are changed here
}

// ReadFolder reads and checks all files of a shop folder that aren't records. name is what the
// shop is called if its settings don't say. With faults, the Folder is not to be used.
func ReadFolder(fsys fs.FS, name string) (Folder, catalog.Faults) {
	var f Folder
	settings, faults := shopfile.Settings(fsys, name)
	if len(faults) > 0 { // what follows depends on locales and policies
		return f, faults
	}
	f.Settings = settings
	add := func(more catalog.Faults) { faults = append(faults, more...) }

	policy, more := policies(settings)
	f.Policy = policy
	add(more)
	var err error
	if f.Silence, err = silenceAfter(policy); err != nil {
		add(catalog.Faults{{File: "shop.yaml", Message: err.Error()}})
	}
	f.Intents, more = intent.Load(builtin.Files, fsys)
	add(more)
	f.Replies, more = reply.Load(builtin.Files, fsys, settings.Locales)
	add(more)
	f.Passages, more = knowledge.Load(fsys, settings.Locales)
	add(more)
	f.Synonyms, more = synonyms(fsys)
	add(more)
	f.Promotions, more = promotions(fsys, settings.Locales)
	add(more)
	f.Remotes, more = skill.LoadRemotes(fsys, os.Getenv)
	add(more)
	if f.Orders, err = skill.NewOrderSystem(settings.Orders, os.Getenv, time.Now); err != nil {
		add(catalog.Faults{{File: "shop.yaml", Message: "orders: " + err.Error()}})
	}
	f.Flows, more = flow.Load(builtin.Files, fsys, f.vocabulary())
	add(more)
	if len(faults) == 0 {
		add(f.wordings())
	}
	return f, faults
}

// wordings holds the placeholders of replies to what flows give them.
func (f Folder) wordings() catalog.Faults {
	var faults catalog.Faults
	for _, u := range f.Flows.Uses() {
		for _, fault := range f.Replies.CheckEnv(u.Reply, u.Env) {
			if !slices.Contains(faults, fault) {
				faults = append(faults, fault)
			}
		}
	}
	return faults
}

// vocabulary is what the flows of the folder may refer to.
func (f Folder) vocabulary() flow.Vocabulary {
	intents := map[string]bool{}
	for _, i := range f.Intents {
		intents[i.Name] = true
	}
	entities := map[string]bool{}
	for _, t := range append(entity.Types(), skill.Entities()...) {
		entities[t] = true
	}
	specs := skill.Specs()
	maps.Copy(specs, skill.RemoteSpecs(f.Remotes))
	return flow.Vocabulary{
		Skills: specs, Replies: f.Replies.Names(), Choices: f.Replies.Choices(), Intents: intents, Entities: entities, Policy: f.Policy,
		Proofs:  proofs(f.Settings.Identity),
		Locales: f.Settings.Locales, Yes: examplesOf(f.Intents, nlu.Affirm),
	}
}

// examplesOf are the examples of all intents that do the same in a conversation.
func examplesOf(set intent.Set, act nlu.Act) []string {
	var out []string
	for _, i := range set {
		if i.Act != act {
			continue
		}
		for _, lines := range i.Examples {
			out = append(out, lines...)
		}
	}
	return out
}

// policies lays the shop's policies over the built-in ones, one topic at a time.
func policies(s catalog.Settings) (map[string]any, catalog.Faults) {
	all := map[string]any{}
	if faults := shopfile.Decode(builtin.Files, "policies.yaml", &all); len(faults) > 0 {
		return nil, faults
	}
	for topic, own := range s.Policies {
		base, isMap := all[topic].(map[string]any)
		over, overMap := own.(map[string]any)
		if isMap && overMap {
			merged := maps.Clone(base)
			maps.Copy(merged, over)
			own = merged
		}
		all[topic] = own
	}
	return all, nil
}

// synonyms reads synonyms.yaml, which a shop may lack.
func synonyms(fsys fs.FS) ([][]string, catalog.Faults) {
	const file = "synonyms.yaml"
	if _, err := fs.Stat(fsys, file); err != nil {
		return nil, nil
	}
	var groups [][]string
	if faults := shopfile.Decode(fsys, file, &groups); len(faults) > 0 {
		return nil, faults
	}
	for i, g := range groups {
		if len(g) < 2 {
			return nil, catalog.Faults{{File: file, Message: fmt.Sprintf("group %d has fewer than two words; write the words that mean the same in one list", i+1)}}
		}
	}
	return groups, nil
}

// proofs are what is asked for to reach each level, in words. What proves more proves less, too; a
// one-time code is asked for only where it is needed.
func proofs(i catalog.Proofs) map[string][]string {
	claimed, verified := spoken(i.Claimed), spoken(i.Verified)
	for _, p := range verified {
		if p != "code" && len(claimed) > 0 && !slices.Contains(claimed, p) {
			claimed = append(claimed, p)
		}
	}
	return map[string][]string{"claimed": claimed, "verified": verified}
}

// spoken leaves those proofs that a shopper can give in words: a token comes with the
// connection.
func spoken(proofs []string) []string {
	return slices.DeleteFunc(slices.Clone(proofs), func(p string) bool { return p == "token" })
}
