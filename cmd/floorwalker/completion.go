package main

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

//go:embed completion
var completion embed.FS

type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

func (c *completionCommand) Help() string {
	return "Put one of these lines where your shell reads it:\n\n" +
		"  ~/.bashrc                   source <(floorwalker completion bash)\n" +
		"  ~/.zshrc, after compinit    source <(floorwalker completion zsh)\n" +
		"  ~/.config/fish/config.fish  floorwalker completion fish | source\n\n" +
		"Example: floorwalker completion bash"
}

func (c *completionCommand) Run(s streams) error {
	script, err := completion.ReadFile("completion/" + c.Shell)
	if err != nil {
		return err
	}
	_, err = s.out.Write(script)
	return err
}

// completeCommand is what the scripts ask: the first line of its answer says what completes the
// last word (words, files or folders), each further line is a word that does, and its help.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

func (c *completeCommand) Run(s streams, parsed *kong.Context) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	kind, offers := complete(parsed.Model.Node, words)
	fmt.Fprintln(s.out, kind)
	for _, o := range offers {
		fmt.Fprintf(s.out, "%s\t%s\n", o.word, o.help)
	}
	return nil
}

// What completes a word.
const (
	ofWords   = "words"
	ofFiles   = "files"
	ofFolders = "folders"
)

// offer is a word that completes what is being typed.
type offer struct{ word, help string }

// complete finds what completes the last of the words, which may be empty.
func complete(root *kong.Node, words []string) (kind string, offers []offer) {
	last := ""
	if n := len(words); n > 0 {
		words, last = words[:n-1], words[n-1]
	}
	at := typed{node: root}
	for _, w := range words {
		at.take(w)
	}
	switch name, value, given := strings.Cut(last, "="); {
	case at.flag != nil:
		kind, offers = values(at.flag, strings.TrimPrefix(last, "="))
	case given && strings.HasPrefix(name, "--"):
		flag := at.find(name)
		if flag == nil {
			return ofWords, nil
		}
		kind, offers = values(flag, value)
		for i := range offers {
			offers[i].word = name + "=" + offers[i].word
		}
	case strings.HasPrefix(last, "-"):
		return ofWords, starting(at.flags(), last)
	case len(at.node.Children) > 0:
		return ofWords, starting(at.commands(), last)
	case at.args < len(at.node.Positional):
		return values(at.node.Positional[at.args], last)
	default:
		return ofWords, starting(at.flags(), last)
	}
	return kind, offers
}

// typed is how far a command line was typed.
type typed struct {
	node *kong.Node
	flag *kong.Value // whose value comes next
	args int         // arguments of the node that were given
}

// take takes a whole word.
func (t *typed) take(word string) {
	switch {
	case word == "=": // some shells make it a word of its own
	case t.flag != nil:
		t.flag = nil
	case strings.HasPrefix(word, "-"):
		if v := t.find(word); v != nil && !v.IsBool() && !v.IsCounter() {
			t.flag = v
		}
	default:
		i := slices.IndexFunc(t.node.Children, func(n *kong.Node) bool { return n.Name == word })
		if i < 0 {
			t.args++
			return
		}
		t.node, t.args = t.node.Children[i], 0
	}
}

// find is the value of the flag of a name, nil if there is none.
func (t *typed) find(name string) *kong.Value {
	for _, group := range t.node.AllFlags(true) {
		for _, f := range group {
			if "--"+f.Name == name || f.Short != 0 && "-"+string(f.Short) == name {
				return f.Value
			}
		}
	}
	return nil
}

func (t *typed) flags() (all []offer) {
	for _, group := range t.node.AllFlags(true) {
		for _, f := range group {
			all = append(all, offer{"--" + f.Name, f.Help})
		}
	}
	return all
}

func (t *typed) commands() (all []offer) {
	for _, n := range t.node.Children {
		if !n.Hidden {
			all = append(all, offer{n.Name, n.Help})
		}
	}
	return all
}

// values are what a flag or an argument takes, so far as it can be listed.
func values(v *kong.Value, begun string) (kind string, offers []offer) {
	switch {
	case v.Enum != "":
		for _, word := range v.EnumSlice() {
			if word != "" {
				offers = append(offers, offer{word, ""})
			}
		}
		return ofWords, starting(offers, begun)
	case strings.HasSuffix(v.Tag.PlaceHolder, "FILE"), strings.HasSuffix(v.Tag.Type, "file"):
		return ofFiles, nil
	case strings.HasSuffix(v.Tag.PlaceHolder, "DIR"), strings.HasSuffix(v.Tag.Type, "dir"):
		return ofFolders, nil
	}
	return ofWords, nil
}

func starting(all []offer, with string) []offer {
	return slices.DeleteFunc(all, func(o offer) bool { return !strings.HasPrefix(o.word, with) })
}
