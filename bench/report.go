package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Report is what a bench found.
type Report struct {
	Floor struct {
		Rates
		Touch Cost `json:"touch"`
	} `json:"floor"`
	Ours         Rates        `json:"ours"`
	Ratio        Rates        `json:"ratio"` // ours to the floor, round by round
	Touch        Cost         `json:"touch"` // of one held touch
	WaitAndTouch Cost         `json:"wait_and_touch"`
	Reaction     Distribution `json:"reaction_ms"` // from an event to the end of the enrollment whose goal it is, at half load
	Lateness     Distribution `json:"lateness_ms"` // from when a held touch was due to when the provider had it, at half load
	Sleeping     Sleeping     `json:"sleeping"`
	Size         Size         `json:"size"`
	Machine      Machine      `json:"machine"`
	Versions     Versions     `json:"versions"`
}

// Rates are how many a second, or how many of ours for one of the floor.
type Rates struct {
	TouchesPerSecond Spread `json:"touches_per_second"`
	StartsPerSecond  Spread `json:"starts_per_second"`
}

// Spread is what several rounds found.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// Cost is what something adds to the history of a run. Events and transitions are whole numbers where it always does the same.
type Cost struct {
	Events      float64 `json:"events"`
	Transitions float64 `json:"transitions"`
	Bytes       float64 `json:"bytes"`
}

// Distribution is one of times, in milliseconds.
type Distribution struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// Sleeping is what enrollments cost that only wait. What nobody could measure is null.
type Sleeping struct {
	Enrollments    int      `json:"enrollments"`
	TemporalBytes  *float64 `json:"temporal_bytes"` // each, by how much Temporal's database grew
	OurBytes       *float64 `json:"our_bytes"`      // each, by how much ours grew
	WorkerRSSBytes *int64   `json:"worker_rss_bytes"`
}

func spread(all []float64) Spread {
	sorted := slices.Sorted(slices.Values(all))
	half := len(sorted) / 2
	s := Spread{Median: sorted[half], Min: sorted[0], Max: sorted[len(sorted)-1]}
	if len(sorted)%2 == 0 {
		s.Median = (sorted[half-1] + sorted[half]) / 2
	}
	return s
}

func distribution(all []time.Duration) Distribution {
	if len(all) == 0 {
		return Distribution{}
	}
	slices.Sort(all)
	at := func(q float64) float64 {
		return float64(all[min(len(all)-1, int(q*float64(len(all))))].Microseconds()) / 1000
	}
	return Distribution{Count: len(all), P50: at(0.50), P99: at(0.99), Max: at(1)}
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	say("RATES\tours\tfloor\tratio")
	say("touches a second\t%s\t%s\t%s", r.Ours.TouchesPerSecond, r.Floor.TouchesPerSecond, r.Ratio.TouchesPerSecond)
	say("starts a second\t%s\t%s\t%s", r.Ours.StartsPerSecond, r.Floor.StartsPerSecond, r.Ratio.StartsPerSecond)
	say("\t\t\t")
	say("COST\tevents\ttransitions\tbytes of history")
	for _, row := range []struct {
		what string
		cost Cost
	}{{"a held touch", r.Touch}, {"the same at the floor", r.Floor.Touch}, {"a wait and a held touch", r.WaitAndTouch}} {
		say("%s\t%.3g\t%.3g\t%.0f", row.what, row.cost.Events, row.cost.Transitions, row.cost.Bytes)
	}
	say("\t\t\t")
	say("AT HALF LOAD, ms\tp50\tp99\tmax")
	say("from event to its effect\t%.0f\t%.0f\t%.0f", r.Reaction.P50, r.Reaction.P99, r.Reaction.Max)
	say("lateness of a touch\t%.0f\t%.0f\t%.0f", r.Lateness.P50, r.Lateness.P99, r.Lateness.Max)
	say("\t\t\t")
	say("%d SLEEPING ENROLLMENTS\t\t\t", r.Sleeping.Enrollments)
	say("bytes each in Temporal's database\t%s\t\t", known(r.Sleeping.TemporalBytes))
	say("bytes each in ours\t%s\t\t", known(r.Sleeping.OurBytes))
	say("memory of the worker\t%s\t\t", megabytes(r.Sleeping.WorkerRSSBytes))
	if err := out.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s, %d cores, %d MB, %s, load %.1f before\nPerennial %s, %s, sdk %s, server %s on %s with %d shards, PostgreSQL %s\n",
		r.Machine.CPU, r.Machine.Cores, r.Machine.MemoryBytes>>20, r.Machine.System, r.Machine.Load,
		r.Versions.Perennial, r.Versions.Go, r.Versions.SDK, r.Versions.Server, r.Versions.Database, r.Versions.Shards, r.Versions.PostgreSQL)
	return err
}

// String is "61 (58 to 66)": the median and the range.
func (s Spread) String() string { return fmt.Sprintf("%.3g (%.3g to %.3g)", s.Median, s.Min, s.Max) }

func known(each *float64) string {
	if each == nil {
		return "not known"
	}
	return fmt.Sprintf("%.0f", *each)
}

func megabytes(bytes *int64) string {
	if bytes == nil {
		return "not known"
	}
	return fmt.Sprintf("%d MB", *bytes>>20)
}
