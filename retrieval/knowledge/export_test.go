package knowledge

import "context"

// Features gives what the calibration weighs, for the best passage of a locale.
func (k *Knowledge) Features(ctx context.Context, question, locale string) (id string, features [4]float64, err error) {
	q, err := k.ask(ctx, question)
	if err != nil {
		return "", features, err
	}
	found, err := k.among(ctx, q, 1, func(e entry) bool { return e.Locale == locale })
	if err != nil || len(found) == 0 {
		return "", features, err
	}
	var candidates []int
	for i, e := range k.passages {
		if e.Locale == locale {
			candidates = append(candidates, i)
		}
	}
	w := newWeigher(k.passages, candidates, q)
	return found[0].ID, w.features(k.places[found[0].ID]), nil
}
