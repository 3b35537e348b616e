package rest

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// channelName is what conversations that begin here have as their channel.
const channelName = "http"

// beginning is how a conversation begins.
type beginning struct {
	Shop   string `json:"shop" jsonschema:"the shop's id"`
	Locale string `json:"locale,omitempty" jsonschema:"BCP 47; one the shop doesn't speak: its first"`
}

// begun is where it is.
type begun struct {
	Conversation string `json:"conversation"`
	Secret       string `json:"secret" jsonschema:"opens the conversation; it is told this once"`
	Epoch        string `json:"epoch"`
	Locale       string `json:"locale"`
}

func (x *exchange) begins() error {
	var in beginning
	if err := x.read(&in, "beginning", `{"shop":"demo"}`); err != nil {
		return err
	}
	if err := x.served(in.Shop); err != nil { // before anything is looked up under that name
		return err
	}
	if err := x.mayTalk(in.Shop); err != nil {
		return err
	}
	var who catalog.Identity
	if token := x.bearer(); token != "" {
		var err error
		if who, err = x.customer(in.Shop, token); err != nil {
			return err
		}
	}
	if err := x.server.Begins.Take(x.server.Begins.Who(x.r)); err != nil {
		return err
	}
	w, err := x.server.Engine.Begin(x.ctx, dialog.Opening{Shop: in.Shop, Locale: in.Locale, Channel: channelName, Identity: who})
	if err != nil {
		return err
	}
	return x.send(http.StatusCreated, begun{w.Conversation, w.Secret, w.Epoch, w.Locale})
}

// customer is whose token it is.
func (x *exchange) customer(shop, token string) (catalog.Identity, error) {
	claims, err := x.server.Keys.Verify(shop, token, x.server.Now())
	if err != nil {
		return catalog.Identity{}, err
	}
	if claims.Role != channels.RoleCustomer {
		return catalog.Identity{}, &dialog.Error{Code: dialog.Forbidden, Message: "people at the desk write on the socket"}
	}
	return claims.Identity(), nil
}

// message is what a shopper says.
type message struct {
	ID     string `json:"id" jsonschema:"yours, unique in the conversation"`
	Text   string `json:"text,omitempty"`
	Choice string `json:"choice,omitempty" jsonschema:"the value of a choice taken; then the text may be left out"`
}

// accepted says that it is in the journal.
type accepted struct {
	Accepted int64  `json:"accepted" jsonschema:"the offset at which it is in the journal"`
	Epoch    string `json:"epoch"`
}

func (x *exchange) says() error {
	shop, w, err := x.enters()
	if err != nil {
		return err
	}
	var in message
	err = x.read(&in, "message", `{"id":"m1","text":"hello"}`)
	x.id = in.ID
	if err != nil {
		return err
	}
	receipt, err := x.server.Engine.Say(x.ctx, dialog.Utterance{Shop: shop, Conversation: w.Conversation,
		Role: journal.RoleShopper, ID: in.ID, Text: in.Text, Choice: in.Choice})
	if err != nil {
		return err
	}
	return x.send(http.StatusAccepted, accepted{receipt.Offset, receipt.Epoch})
}

// enters comes to the conversation that the path names, by its secret or its customer's token. The
// path doesn't say whose shop it is: it is the one where that opens it.
func (x *exchange) enters() (shop string, w dialog.Welcome, err error) {
	secret := x.bearer()
	if secret == "" {
		return "", w, &dialog.Error{Code: dialog.Unauthorized, Message: "want Authorization: Bearer, and the conversation's secret or its customer's token"}
	}
	var refused error // the one that tells most: that of a shop whose token it is, if there is one
	for _, shop := range x.server.Shops() {
		w, err := x.tries(shop, secret)
		switch {
		case err == nil:
			return shop, w, nil
		case !is(err, dialog.Forbidden) && !is(err, dialog.Unauthorized):
			return "", w, err
		case refused == nil || is(refused, dialog.Unauthorized):
			refused = err
		}
	}
	return "", w, refused
}

// tries comes to the conversation in a shop.
func (x *exchange) tries(shop, secret string) (dialog.Welcome, error) {
	if err := x.mayTalk(shop); err != nil {
		return dialog.Welcome{}, err
	}
	proof := dialog.Proof{Secret: secret}
	if strings.Contains(secret, ".") { // as every JWT does, and no secret
		who, err := x.customer(shop, secret)
		if err != nil {
			return dialog.Welcome{}, err
		}
		proof = dialog.Proof{Identity: who}
	}
	return x.server.Engine.Resume(x.ctx, shop, chi.URLParam(x.r, "id"), proof)
}
