package activities_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/activities"
)

func TestWhatHangsInASweepDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	const customers, each = 30, 3
	var things [][2]string
	for n := range each {
		things = append(things, [2]string{"hangs", fmt.Sprint(n)}) // before all others
	}
	for n := range customers * each {
		things = append(things, [2]string{fmt.Sprint("c-", n%customers), fmt.Sprint(n / customers)})
	}
	var mu sync.Mutex
	got := map[string]string{}
	others := make(chan struct{})
	done, err := activities.Abreast(t.Context(), things, time.Minute, func(ctx context.Context, thing [2]string) error {
		if thing[0] == "hangs" {
			select {
			case <-others: // all of them are done while this one hangs
			case <-ctx.Done():
				return ctx.Err()
			}
			return errors.New("it does not go well")
		}
		mu.Lock()
		defer mu.Unlock()
		got[thing[0]] += thing[1]
		if len(got) == customers && total(got) == customers*each {
			close(others)
		}
		return nil
	})
	if done != customers*each || err == nil || strings.Count(err.Error(), "it does not go well") != each {
		t.Errorf("%d went well, %v", done, err)
	}
	for who, order := range got {
		if order != "012" {
			t.Errorf("what belongs to %s is done in the order %s", who, order)
		}
	}
}

func total(of map[string]string) (n int) {
	for _, order := range of {
		n += len(order)
	}
	return n
}

func TestASweepWaitsForNoThingLongerThanItsPatience(t *testing.T) {
	t.Parallel()
	things := [][2]string{{"hangs", "1"}, {"hangs", "2"}}
	done, err := activities.Abreast(t.Context(), things, 20*time.Millisecond, func(ctx context.Context, thing [2]string) error {
		if thing[1] == "2" {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if done != 1 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d went well, %v", done, err)
	}
}
