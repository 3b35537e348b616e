package dialog

import (
	"fmt"

	"github.com/floorwalker/floorwalker/dialog/skill"
)

// Staged is a loaded shop on records, a desk, a mail and a clock of its own: the DB, Desk,
// Codes and Now of p. It shares all that was read from the folder, so it costs little, and
// is good until s is closed. Stories are played on it.
func (s *Shops) Staged(id string, p Parts) (*Shop, error) {
	shop := s.Shop(id)
	if shop == nil {
		return nil, fmt.Errorf("there is no shop %q", id)
	}
	set, ok := shop.Skills.(*skill.Set)
	if !ok {
		return nil, fmt.Errorf("shop %q has skills of another making", id)
	}
	deps := set.Deps
	deps.DB, deps.Desk, deps.Codes, deps.Now, deps.Logger = p.DB, p.Desk, p.Codes, p.Now, p.Logger
	staged := *shop
	staged.Skills = skill.New(deps)
	return &staged, nil
}
