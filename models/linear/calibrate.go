package linear

import "math"

// Calibrated returns the model with the temperature that makes the log loss on these rows, which
// it must not have been trained on, smallest (Guo et al. 2017). Which class is on top never
// changes.
func (m *Softmax) Calibrated(X [][]float32, sparse [][]Feature, y []int) (*Softmax, error) {
	if _, _, err := checkRows(X, sparse, y, m.classes); err != nil {
		return nil, err
	}
	logits := make([][]float64, len(y))
	for i := range y {
		logits[i] = m.Logits(row(X, i), row(sparse, i))
	}
	out := *m
	out.temperature, _ = coolest(logits, y)
	return &out, nil
}

// coolest finds the temperature of the least mean log loss, between 1/20 and 20, and that loss. In
// the inverse of the temperature the loss is convex, so thirds close in on it.
func coolest(logits [][]float64, y []int) (temperature, loss float64) {
	low, high := math.Log(1.0/20), math.Log(20)
	for range 40 {
		a, b := low+(high-low)/3, high-(high-low)/3
		if logLoss(logits, y, math.Exp(a)) < logLoss(logits, y, math.Exp(b)) {
			high = b
		} else {
			low = a
		}
	}
	temperature = math.Exp((low + high) / 2)
	return temperature, logLoss(logits, y, temperature)
}

// logLoss is the mean of minus the log probability of the truth.
func logLoss(logits [][]float64, y []int, temperature float64) float64 {
	total := 0.0
	for i, row := range logits {
		top := math.Inf(-1)
		for _, v := range row {
			top = max(top, v/temperature)
		}
		sum := 0.0
		for _, v := range row {
			sum += math.Exp(v/temperature - top)
		}
		total += top + math.Log(sum) - row[y[i]]/temperature
	}
	return total / float64(len(y))
}
