package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/floorwalker/floorwalker/channels"
)

type tokenCommand struct {
	Customer string        `arg:"" help:"The customer's id."`
	Shop     string        `help:"The shop's id." default:"demo" placeholder:"ID"`
	Data     string        `help:"The server's data folder." default:"./data" placeholder:"DIR"`
	For      time.Duration `help:"How long it is valid." default:"1h"`
}

func (c *tokenCommand) Help() string {
	return "Your site signs such tokens itself: JWT with sub, aud and exp, HS256, the key in\n" +
		"keys/SHOP.key of the data folder.\n\nExample: floorwalker token C1001 --shop demo"
}

func (c *tokenCommand) Run(s streams) error {
	token, err := channels.Keys{Dir: filepath.Join(c.Data, "keys")}.Sign(c.Shop, c.Customer, channels.RoleCustomer, time.Now().Add(c.For))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, token)
	return err
}
