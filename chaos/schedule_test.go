package chaos

import (
	"reflect"
	"testing"
	"time"
)

func TestASeedHasOneScheduleAndAnotherSeedAnother(t *testing.T) {
	t.Parallel()
	one, again, other := schedule(1, 5*time.Minute), schedule(1, 5*time.Minute), schedule(2, 5*time.Minute)
	if !reflect.DeepEqual(one, again) {
		t.Error("the same seed gives two schedules")
	}
	if reflect.DeepEqual(one, other) {
		t.Error("two seeds give one schedule")
	}
}

func TestEveryKindOfBlowComesOftenEnough(t *testing.T) {
	t.Parallel()
	for minutes, least := range map[int]int{1: 1, 5: 3, 10: 6} {
		for seed := range uint64(50) {
			var done []Struck
			for _, b := range schedule(seed, time.Duration(minutes)*time.Minute) {
				done = append(done, Struck{Blow: b})
				if b.How == Stop && b.For <= lease {
					t.Errorf("seed %d: %s is stopped for %v, which is no longer than a lease", seed, b.Victim, b.For)
				}
			}
			if missing := tooTame(done, least); missing != nil {
				t.Errorf("%d minutes with seed %d: less than %d times: %q", minutes, seed, least, missing)
			}
		}
	}
}

func TestARunThatDidTooLittleIsTooTame(t *testing.T) {
	t.Parallel()
	var done []Struck
	for _, k := range kinds() {
		done = append(done, Struck{Blow: Blow{Victim: k.victim, How: k.how}})
	}
	if missing := tooTame(done, 1); missing != nil {
		t.Errorf("each kind once: %q are missing", missing)
	}
	if missing := tooTame(done[1:], 1); len(missing) != 1 || missing[0] != "worker 1 kill -9" {
		t.Errorf("all but one: %q are missing", missing)
	}
	if r := (Report{Length: time.Minute, Tame: []string{"worker 1 kill -9"}}); r.OK() {
		t.Error("a run that was too tame is well")
	}
	if missing := tooLittle(Report{Length: time.Minute}); len(missing) != 4 {
		t.Errorf("of nothing, %q are missing", missing)
	}
}
