package chaos

import (
	"math/rand/v2"
	"time"
)

// How is a way to break a process.
type How string

// The ways.
const (
	Kill      How = "kill -9"        // at once; it is started again after a while
	Stop      How = "SIGSTOP"        // for longer than a touch's lease, then SIGCONT
	Immediate How = "immediate stop" // of PostgreSQL alone: without writing down what is in memory
)

// The processes that are broken.
const (
	worker1   = "worker 1"
	worker2   = "worker 2"
	gateway1  = "gateway 1"
	gateway2  = "gateway 2"
	frontend  = "frontend"
	history   = "history"
	matching  = "matching"
	system    = "system worker" // Temporal's own
	database  = "PostgreSQL"
	balancing = "balancer"
)

// Blow is one thing that is done to one process.
type Blow struct {
	At     time.Duration `json:"at"` // since the start
	Victim string        `json:"victim"`
	How    How           `json:"how"`
	For    time.Duration `json:"for"` // how long it stays down or stopped
}

// kind is a blow without its time: what a run must have done often enough.
type kind struct {
	victim string
	how    How
}

// kinds are all that there are.
func kinds() []kind {
	var all []kind
	for _, victim := range []string{worker1, worker2, gateway1, gateway2, frontend, history, matching, system} {
		all = append(all, kind{victim, Kill}, kind{victim, Stop})
	}
	return append(all, kind{database, Kill}, kind{database, Immediate})
}

// When blows come, and for how long. The first of a run finds it at work.
const (
	firstBlow  = 4 * time.Second
	everyBlow  = 3200 * time.Millisecond
	leastDown  = 300 * time.Millisecond
	mostDown   = 4 * time.Second
	longerStop = 4 * time.Second // beyond the lease
)

// schedule is what is done in a run of a length, by a seed: the kinds in a new order in each round, so that each comes about as often. When a blow
// comes within its part of the time is chance, and so blows overlap.
func schedule(seed uint64, length time.Duration) []Blow {
	dice := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // the same in every run of a seed
	between := func(least, most time.Duration) time.Duration {
		return least + time.Duration(dice.Int64N(int64(most-least))).Truncate(10*time.Millisecond)
	}
	count := max(len(kinds()), int((length-firstBlow)/everyBlow))
	part := (length - firstBlow) / time.Duration(count)
	var blows []Blow
	var deck []kind
	for i := range count {
		if len(deck) == 0 {
			deck = kinds()
			dice.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		at := firstBlow + time.Duration(i)*part
		b := Blow{At: between(at, at+part), Victim: deck[0].victim, How: deck[0].how, For: between(leastDown, mostDown)}
		if b.How == Stop {
			b.For = lease + between(leastDown, longerStop)
		}
		deck = deck[1:]
		blows = append(blows, b)
	}
	return blows
}

// tooTame names the kinds that were done less often than a run needs to mean something.
func tooTame(done []Struck, least int) []string {
	times := map[kind]int{}
	for _, s := range done {
		times[kind{s.Victim, s.How}]++
	}
	var missing []string
	for _, k := range kinds() {
		if times[k] < least {
			missing = append(missing, k.victim+" "+string(k.how))
		}
	}
	return missing
}
