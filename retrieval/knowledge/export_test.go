package knowledge

import "context"

// Threshold is the score from which a passage answers.
const Threshold = threshold

// Shipped gives the weights in use: bias, nearness, nearness above the typical, overlap with
// the passage and with its heading.
func Shipped(meaning bool) [5]float64 {
	c := byWordsAlone
	if meaning {
		c = withMeaning
	}
	return [5]float64{c.bias, c.near, c.above, c.words, c.heading}
}

// Features gives what the calibration weighs, for the best passage of a locale; ok is false
// if none was found.
func (k *Knowledge) Features(ctx context.Context, question, locale string) (f [4]float64, ok bool, err error) {
	q, err := k.ask(ctx, question, locale)
	if err != nil {
		return f, false, err
	}
	keep := func(e entry) bool { return e.Locale == locale }
	found, err := k.among(ctx, q, 1, keep)
	if err != nil || len(found) == 0 {
		return f, false, err
	}
	return newWeigher(k.passages, k.where(keep), q).features(k.places[found[0].ID]), true, nil
}
