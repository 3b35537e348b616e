package onnx

import "github.com/prometheus/client_golang/prometheus"

// metrics of one encoder.
type metrics struct {
	remembered, encoded, runs prometheus.Counter
}

func newMetrics(r prometheus.Registerer, q *queue) *metrics {
	texts := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "floorwalker_encoder_texts_total",
		Help: "Texts that became vectors, by how: encoded, or remembered from before."}, []string{"how"})
	m := &metrics{
		remembered: texts.WithLabelValues("remembered"), encoded: texts.WithLabelValues("encoded"),
		runs: prometheus.NewCounter(prometheus.CounterOpts{Name: "floorwalker_encoder_runs_total",
			Help: "Runs of the encoder's model; texts encoded by runs is the mean batch."}),
	}
	if r != nil {
		r.MustRegister(texts, m.runs, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "floorwalker_encoder_waiting",
			Help: "Texts that wait to be encoded."}, func() float64 { return float64(q.texts()) }))
	}
	return m
}
