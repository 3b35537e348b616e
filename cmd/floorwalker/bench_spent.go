package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// spent is what each turn took of the machine, on average.
type spent struct {
	CPU         float64 `json:"cpu_ms"` // of all threads, ONNX Runtime's too
	Allocations float64 `json:"allocations"`
	KB          float64 `json:"allocated_kb"`
}

// spending is what the process has taken since it started.
func spending() spent {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // has no error for the process itself
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return spent{CPU: float64(time.Duration(used.Utime.Nano()+used.Stime.Nano()).Microseconds()) / 1000,
		Allocations: float64(m.Mallocs), KB: float64(m.TotalAlloc) / 1024}
}

// since is what each of n took.
func (s spent) since(before spent, n int) *spent {
	each := 1 / float64(max(n, 1))
	return &spent{(s.CPU - before.CPU) * each, (s.Allocations - before.Allocations) * each, (s.KB - before.KB) * each}
}

// stage is how long one stage of a turn took.
type stage struct {
	Stage string  `json:"stage"`
	Turns uint64  `json:"turns"` // that had it
	Mean  float64 `json:"mean_ms"`
}

// stagesOf reads the stages that turns reported.
func stagesOf(metrics prometheus.Gatherer) ([]stage, error) {
	families, err := metrics.Gather()
	if err != nil {
		return nil, err
	}
	var out []stage
	for _, f := range families {
		if f.GetName() != "floorwalker_turn_stage_seconds" {
			continue
		}
		for _, m := range f.GetMetric() {
			h := m.GetHistogram()
			out = append(out, stage{m.GetLabel()[0].GetValue(), h.GetSampleCount(), h.GetSampleSum() / float64(h.GetSampleCount()) * 1000})
		}
	}
	return out, nil
}

// profile starts a CPU profile; stop ends it.
func profile(path string) (stop func() error, err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("the profile: %w", err), f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
