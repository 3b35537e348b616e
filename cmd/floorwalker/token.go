package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/floorwalker/floorwalker/channels"
)

type tokenCommand struct {
	Who  string        `arg:"" help:"The customer's id, or the agent's name."`
	Role string        `help:"customer, or agent: somebody at the desk." enum:"customer,agent" default:"customer"`
	Shop string        `help:"The shop's id." default:"demo" placeholder:"ID"`
	Data string        `help:"The server's data folder." default:"./data" placeholder:"DIR"`
	For  time.Duration `help:"How long it is valid." default:"1h"`
}

func (c *tokenCommand) Help() string {
	return "Your site signs such tokens itself: JWT with sub, aud and exp, HS256, the key in\n" +
		"keys/SHOP.key of the data folder.\n\nExample: floorwalker token C1001 --shop demo, or floorwalker token Mei --role agent --for 8h"
}

func (c *tokenCommand) Run(s streams) error {
	role := channels.RoleCustomer
	if c.Role == channels.RoleAgent {
		role = channels.RoleAgent
	}
	token, err := channels.Keys{Dir: filepath.Join(c.Data, "keys")}.Sign(c.Shop, c.Who, role, time.Now().Add(c.For))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, token)
	return err
}
