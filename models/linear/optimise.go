package linear

import (
	"context"
	"math"
)

const (
	history = 6 // pairs that the curvature is estimated from
	decline = 1e-4
)

// objective is what minimise makes small.
type objective interface {
	size() int
	// loss returns the value at x and writes the gradient.
	loss(x, gradient []float32) float64
	// precondition divides v by a rough curvature, in place.
	precondition(v []float32)
}

// pair is one step and how the gradient changed over it.
type pair struct {
	step, change []float32
	product      float64 // of the two
}

// minimise walks from x to the minimum by L-BFGS (Nocedal and Wright, algorithm 7.5) until the
// gradient is tolerance times what it was at zero, two steps in a row gained less than a hundredth
// of tolerance times the value, or iterations are spent. x is changed in place. When ctx ends it
// stops with ctx's cause.
func minimise(ctx context.Context, o objective, x []float32, iterations int, tolerance float64) error {
	gradient, nextGradient := make([]float32, len(x)), make([]float32, len(x))
	next, direction := make([]float32, len(x)), make([]float32, len(x))
	o.loss(next, gradient) // where all parameters are 0, which the tolerance is relative to
	first := norm(gradient)
	value := o.loss(x, gradient)
	var pairs []pair
	step, idle := 1.0, 0
	for range iterations {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if norm(gradient) <= tolerance*first {
			return nil
		}
		descend(o, pairs, gradient, direction)
		slope := product(gradient, direction)
		if slope >= 0 { // rounding has eaten what there was to gain
			return nil
		}
		// Where a whole step was too long, the next one probably is too.
		reached, taken := search(o, x, direction, value, slope, min(1, 2*step), next, nextGradient)
		if taken == 0 {
			return nil
		}
		step = taken
		if idle++; value-reached > tolerance/100*value {
			idle = 0
		}
		pairs = remember(pairs, x, next, gradient, nextGradient)
		copy(x, next)
		copy(gradient, nextGradient)
		value = reached
		if idle == 2 {
			return nil
		}
	}
	return nil
}

// search walks along direction until the value falls as the slope promises, and returns the
// value there and the step that led to it; 0 if there is none.
func search(o objective, x, direction []float32, value, slope, step float64, next, gradient []float32) (reached, taken float64) {
	for range 30 {
		for i, v := range x {
			next[i] = v + float32(step)*direction[i]
		}
		reached = o.loss(next, gradient)
		if reached < value && reached <= value+decline*step*slope {
			return reached, step
		}
		// The minimum of the parabola through what is known, within bounds.
		parabola := -slope * step * step / (2 * (reached - value - slope*step))
		step = min(max(parabola, step/10), step/2)
	}
	return value, 0
}

// descend writes the direction of descent: minus the gradient, divided by the curvature that
// the pairs tell of.
func descend(o objective, pairs []pair, gradient, direction []float32) {
	for i, g := range gradient {
		direction[i] = -g
	}
	factors := make([]float64, len(pairs))
	for i := len(pairs) - 1; i >= 0; i-- {
		factors[i] = product(pairs[i].step, direction) / pairs[i].product
		add(direction, pairs[i].change, -factors[i])
	}
	o.precondition(direction)
	if n := len(pairs); n > 0 {
		last := pairs[n-1]
		scaled := append([]float32(nil), last.change...)
		o.precondition(scaled)
		multiply(direction, last.product/product(last.change, scaled))
	}
	for i, p := range pairs {
		add(direction, p.step, factors[i]-product(p.change, direction)/p.product)
	}
}

// remember adds a pair, if it bends upwards, and drops the oldest when there are too many.
func remember(pairs []pair, x, next, gradient, nextGradient []float32) []pair {
	var p pair
	if len(pairs) == history {
		p = pairs[0]
		pairs = append(pairs[:0], pairs[1:]...)
	} else {
		p = pair{step: make([]float32, len(x)), change: make([]float32, len(x))}
	}
	for i := range x {
		p.step[i], p.change[i] = next[i]-x[i], nextGradient[i]-gradient[i]
	}
	p.product = product(p.step, p.change)
	if p.product <= 1e-10*norm(p.step)*norm(p.change) {
		return pairs
	}
	return append(pairs, p)
}

func product(a, b []float32) (s float64) {
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

func norm(v []float32) float64 { return math.Sqrt(product(v, v)) }

func add(to, v []float32, factor float64) {
	f := float32(factor)
	for i := range to {
		to[i] += f * v[i]
	}
}

func multiply(v []float32, factor float64) {
	f := float32(factor)
	for i := range v {
		v[i] *= f
	}
}
