package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// year is how long runs of the floor sleep: as long as ours, by the clock of the stack.
const year = 365 * 24 * time.Hour / Rate

// rounds measures floor and ours in turn. Which goes first changes with the round, so that neither always finds the server as the other left it.
func (b *bench) rounds(ctx context.Context) error {
	var floor, ours struct{ touches, starts []float64 }
	for round := range b.Size.Rounds {
		measures := []struct {
			what string
			of   func(context.Context, string) (float64, error)
			into *[]float64
		}{
			{"touches, floor", b.floorTouches, &floor.touches},
			{"touches, ours", b.ourTouches, &ours.touches},
			{"starts, floor", b.floorStarts, &floor.starts},
			{"starts, ours", b.ourStarts, &ours.starts},
		}
		if round%2 == 1 {
			measures[0], measures[1] = measures[1], measures[0]
			measures[2], measures[3] = measures[3], measures[2]
		}
		for _, m := range measures {
			rate, err := m.of(ctx, fmt.Sprintf("round %d of %d: %s", round+1, b.Size.Rounds, m.what))
			if err != nil {
				return err
			}
			*m.into = append(*m.into, rate)
		}
	}
	b.report.Floor.TouchesPerSecond, b.report.Floor.StartsPerSecond = spread(floor.touches), spread(floor.starts)
	b.report.Ours.TouchesPerSecond, b.report.Ours.StartsPerSecond = spread(ours.touches), spread(ours.starts)
	b.report.Ratio.TouchesPerSecond = spread(ratios(ours.touches, floor.touches))
	b.report.Ratio.StartsPerSecond = spread(ratios(ours.starts, floor.starts))
	return nil
}

// floorTouches and ourTouches let runs touch, and count the touches from when the last run has started until nearly all have been made: those are held,
// nearly all, and every run is there.
func (b *bench) floorTouches(ctx context.Context, what string) (float64, error) {
	b.floor.begin()
	if err := b.floor.start(ctx, b.Size.Running, floorRun{Touches: b.Size.Touches}); err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	started := time.Now()
	if err := b.until(ctx, what, b.Size.Running*b.Size.Touches, b.floor.deliveries); err != nil {
		return 0, err
	}
	return perSecond(b.floor.times(), started), nil
}

func (b *bench) ourTouches(ctx context.Context, what string) (float64, error) {
	entered, err := b.enter(ctx, journeyTouches, b.Size.Running)
	if err != nil {
		return 0, err
	}
	started := time.Now()
	touches, err := b.touch(ctx, what, journeyTouches, entered)
	if err != nil {
		return 0, err
	}
	times := make([]time.Time, len(touches))
	for i, t := range touches {
		times[i] = t.at
	}
	return perSecond(times, started), nil
}

// floorStarts and ourStarts start runs, and count from the first until the last has its wait before it.
func (b *bench) floorStarts(ctx context.Context, what string) (float64, error) {
	b.floor.begin()
	began := time.Now()
	if err := b.floor.start(ctx, b.Size.Starts, floorRun{Sleep: year}); err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	if err := b.until(ctx, what, b.Size.Starts, b.floor.plans); err != nil {
		return 0, err
	}
	return float64(b.Size.Starts) / time.Since(began).Seconds(), nil
}

func (b *bench) ourStarts(ctx context.Context, what string) (float64, error) {
	began := time.Now()
	if err := b.sleepers(ctx, what, b.Size.Starts); err != nil {
		return 0, err
	}
	return float64(b.Size.Starts) / time.Since(began).Seconds(), nil
}

// sleepers lets customers enter the journey that sleeps for a year, until all of them sleep.
func (b *bench) sleepers(ctx context.Context, what string, count int) error {
	entered, err := b.enter(ctx, journeySleeps, count)
	if err != nil {
		return err
	}
	b.asleep += count
	return b.until(ctx, what, count, b.waiting(journeySleeps, first(entered)))
}

// perSecond is the rate of what happened from an instant on, until 95 in 100 had. The last few say nothing of it: a server that is busy to the brim now and
// then tells a worker of an activity too late, takes it for begun, and hands it out again only when its time is over, a minute later.
func perSecond(times []time.Time, from time.Time) float64 {
	slices.SortFunc(times, time.Time.Compare)
	times = times[:len(times)-len(times)/20]
	last := times[len(times)-1]
	count := len(times)
	for count > 1 && times[len(times)-count].Before(from) {
		count--
	}
	return float64(count) / max(last.Sub(from), time.Millisecond).Seconds()
}

func ratios(ours, floor []float64) []float64 {
	all := make([]float64, len(ours))
	for i := range ours {
		all[i] = ours[i] / floor[i]
	}
	return all
}
