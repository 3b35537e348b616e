package linear

// multiplyRows adds x·wᵀ to z for the rows from to to of x: x is [][dim], w [classes][dim],
// z [][classes]. Blocks of two rows by four classes keep what is read in registers; each
// sum runs in one order whatever its block, so results don't depend on the ranges.
func multiplyRows(z, x, w []float32, from, to, classes, dim int) {
	i := from
	for ; i+2 <= to; i += 2 {
		x0, x1 := x[i*dim:(i+1)*dim], x[(i+1)*dim:(i+2)*dim]
		z0, z1 := z[i*classes:(i+1)*classes], z[(i+1)*classes:(i+2)*classes]
		k := 0
		for ; k+4 <= classes; k += 4 {
			a, b := dotTwoByFour(x0, x1, w[k*dim:(k+4)*dim])
			for j := range 4 {
				z0[k+j] += a[j]
				z1[k+j] += b[j]
			}
		}
		for ; k < classes; k++ {
			z0[k] += dotInOrder(x0, w[k*dim:(k+1)*dim])
			z1[k] += dotInOrder(x1, w[k*dim:(k+1)*dim])
		}
	}
	for ; i < to; i++ {
		row := x[i*dim : (i+1)*dim]
		for k := range classes {
			z[i*classes+k] += dotInOrder(row, w[k*dim:(k+1)*dim])
		}
	}
}

// dotTwoByFour is the inner products of two rows with four, which lie one after the other in w.
func dotTwoByFour(x0, x1, w []float32) (a, b [4]float32) {
	dim := len(x0)
	x1 = x1[:dim]
	w0, w1, w2, w3 := w[:dim], w[dim:2*dim], w[2*dim:3*dim], w[3*dim:4*dim]
	var a0, a1, a2, a3, b0, b1, b2, b3 float32
	for d := range x0 {
		p, q := x0[d], x1[d]
		v0, v1, v2, v3 := w0[d], w1[d], w2[d], w3[d]
		a0 += float32(p * v0)
		a1 += float32(p * v1)
		a2 += float32(p * v2)
		a3 += float32(p * v3)
		b0 += float32(q * v0)
		b1 += float32(q * v1)
		b2 += float32(q * v2)
		b3 += float32(q * v3)
	}
	return [4]float32{a0, a1, a2, a3}, [4]float32{b0, b1, b2, b3}
}

// dotInOrder sums as dotTwoByFour does.
func dotInOrder(a, b []float32) (s float32) {
	b = b[:len(a)]
	for i, v := range a {
		s += float32(v * b[i])
	}
	return s
}

// addFour adds four rows, each times its factor, to g.
func addFour(g []float32, rows *[4][]float32, factors *[4]float32) {
	r0, r1, r2, r3 := rows[0][:len(g)], rows[1][:len(g)], rows[2][:len(g)], rows[3][:len(g)]
	f0, f1, f2, f3 := factors[0], factors[1], factors[2], factors[3]
	for d := range g {
		g[d] += float32(f0*r0[d]) + float32(f1*r1[d]) + float32(f2*r2[d]) + float32(f3*r3[d])
	}
}
