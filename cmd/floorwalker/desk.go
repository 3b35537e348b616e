package main

import (
	"time"

	"github.com/floorwalker/floorwalker/channels/admin"
	"github.com/floorwalker/floorwalker/dialog/desk"
)

// desk is where the shops' people serve.
func (a *app) desk() *admin.Desk {
	return &admin.Desk{
		Engine: a.engine, Presence: a.there, Callbacks: desk.Callbacks{DB: a.db}, Logger: a.logger, Now: time.Now,
		Shops: func() []admin.Shop {
			list := []admin.Shop{}
			for _, id := range a.shops.IDs() {
				list = append(list, admin.Shop{ID: id, Name: a.shops.Shop(id).Settings.Name})
			}
			return list
		},
	}
}
