package feed

import (
	"fmt"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// keptLimit bounds the products of refused rows that are remembered.
const keptLimit = 1000

// keep remembers that a product is in the file although its row was refused.
func (im *importing) keep(r remark, table string) {
	if table != "products" || !im.options.Prune {
		return
	}
	id := r.of
	if id == "" {
		id = r.id
	}
	if id == "" || len(im.kept) >= keptLimit {
		im.unknown++
		return
	}
	im.kept = append(im.kept, id)
}

// prune removes what is gone. It would rather stop than remove what may only be missing from
// a broken file.
func (im *importing) prune(s store.Staging) (store.Pruned, error) {
	if im.unknown > 0 {
		return store.Pruned{}, fmt.Errorf("%d rows can't be read, so what is gone can't be told: nothing was imported; mend the file, or import without pruning", im.unknown)
	}
	return s.Prune(im.kept, func(gone, all int) error {
		if gone*2 > all && !im.options.Most {
			return fmt.Errorf("%d of %d products would be removed, which is more than half: nothing was imported; if the file is whole and right, say --prune-most", gone, all)
		}
		return nil
	})
}
