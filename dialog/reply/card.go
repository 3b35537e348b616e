package reply

import (
	"reflect"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Carder is a view that can be shown as a card.
type Carder interface {
	Card(locale string) journal.Card
}

// maxCards is how many cards one reply has at most.
const maxCards = 10

// appendCards adds the cards of a view, or of each view in a list.
func appendCards(into []journal.Card, views any, locale string) []journal.Card {
	if views == nil {
		return into
	}
	return cardsOf(into, reflect.ValueOf(views), locale)
}

func cardsOf(into []journal.Card, v reflect.Value, locale string) []journal.Card {
	switch {
	case len(into) == maxCards, !v.IsValid():
		return into
	case (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil():
		return into
	}
	if view, ok := v.Interface().(Carder); ok {
		return append(into, view.Card(locale))
	}
	if v.CanAddr() {
		if view, ok := v.Addr().Interface().(Carder); ok {
			return append(into, view.Card(locale))
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return cardsOf(into, v.Elem(), locale)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			into = cardsOf(into, v.Index(i), locale)
		}
	}
	return into
}
