package dialog

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of one engine.
type metrics struct {
	said       *prometheus.CounterVec // by kind
	turns      *prometheus.CounterVec // by outcome
	owners     *prometheus.CounterVec // by new owner
	superseded prometheus.Counter
	blocked    prometheus.Counter
	active     prometheus.Gauge
	turn       prometheus.Histogram
	stages     *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	buckets := prometheus.ExponentialBuckets(0.0005, 2, 16) // 0.5 ms to 16 s
	m := &metrics{
		said: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "floorwalker_utterances_total",
			Help: "What clients said and the journal took, by kind: utterance or feedback."}, []string{"kind"}),
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "floorwalker_turns_total",
			Help: "Turns by outcome: answered, unavailable (an apology) or failed (to be retried)."}, []string{"outcome"}),
		owners: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "floorwalker_handovers_total",
			Help: "Conversations that got another owner, by who has them now: bot, queue or agent."}, []string{"owner"}),
		superseded: prometheus.NewCounter(prometheus.CounterOpts{Name: "floorwalker_turns_superseded_total",
			Help: "Turns decided anew because newer text came."}),
		blocked: prometheus.NewCounter(prometheus.CounterOpts{Name: "floorwalker_replies_blocked_total",
			Help: "Wordings that the fact check kept from leaving."}),
		active: prometheus.NewGauge(prometheus.GaugeOpts{Name: "floorwalker_conversations_active",
			Help: "Conversations with something to answer."}),
		turn: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "floorwalker_turn_seconds",
			Help: "From taking a turn's utterances to its reply in the journal.", Buckets: buckets}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "floorwalker_turn_stage_seconds",
			Help: "Time of a turn by stage: understand, step, skill, act, compose, append.", Buckets: buckets}, []string{"stage"}),
	}
	if r != nil {
		r.MustRegister(m.said, m.turns, m.owners, m.superseded, m.blocked, m.active, m.turn, m.stages)
	}
	return m
}

// stages adds up how long the parts of one turn took.
type stages struct {
	metrics *metrics
	names   []string
	took    map[string]time.Duration
}

// clock starts a stage; the function it returns ends it.
func (s *stages) clock(stage string) (end func()) {
	start := time.Now()
	return func() {
		if s.took == nil {
			s.took = map[string]time.Duration{}
		}
		if _, ok := s.took[stage]; !ok {
			s.names = append(s.names, stage)
		}
		s.took[stage] += time.Since(start)
	}
}

// report hands the sums to the metrics and returns them as arguments for a log line.
func (s *stages) report() []any {
	args := make([]any, 0, 2*len(s.names))
	for _, name := range s.names {
		s.metrics.stages.WithLabelValues(name).Observe(s.took[name].Seconds())
		args = append(args, name+"_ms", float64(s.took[name].Microseconds())/1000)
	}
	return args
}
