package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/floorwalker/floorwalker/dialog/story"
)

type evalCommands struct {
	Intents       evalIntentsCommand       `cmd:"" help:"Intents: accuracy, out of scope, speed."`
	Entities      evalEntitiesCommand      `cmd:"" help:"Values found in texts: exact, by type."`
	Search        evalSearchCommand        `cmd:"" help:"Product search on judged queries."`
	Knowledge     evalKnowledgeCommand     `cmd:"" help:"Answers from passages."`
	Conversations evalConversationsCommand `cmd:"" help:"Stories: each passes or fails with the turn that differs."`
}

type evalConversationsCommand struct {
	Shop    string `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	Scripts string `help:"Folder of *.txtar stories; without it, tests in the shop folder." placeholder:"DIR"`
	Only    string `help:"Play the story of this name." placeholder:"NAME"`
	Verbose bool   `short:"v" help:"Print every conversation."`
	JSON    bool   `help:"Print one JSON object."`
}

func (c *evalConversationsCommand) Help() string {
	return "Each story has records of its own. Exit code 1 if one fails. At the end stands how many steps of the\n" +
		"flows the stories came by (a condition counts twice: yes and no), and which they never did.\n\n" +
		"Example: floorwalker eval conversations --shop shops/demo --scripts shops/demo/tests"
}

func (c *evalConversationsCommand) Run(ctx context.Context, s streams) error {
	dir := c.Scripts
	if dir == "" {
		dir = filepath.Join(c.Shop, "tests")
	}
	stories, faults := story.Read(os.DirFS(dir), ".")
	if err := faults.Err(); err != nil {
		return err
	}
	if c.Only != "" {
		stories = slices.DeleteFunc(stories, func(st story.Story) bool { return st.Name != c.Only })
	}
	result, err := playAll(ctx, c.Shop, stories, nil, quiet(s))
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(s.out, result); err != nil {
			return err
		}
	} else {
		result.print(s, c.Verbose)
	}
	if result.Failed > 0 {
		return fmt.Errorf("%d of %d stories failed", result.Failed, result.Failed+result.Passed)
	}
	return nil
}
