package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// dice decide by a hash of the seed and of what is decided, so that two runs with one seed decide alike, in whichever order.
type dice struct {
	seed  uint64
	about string // customer, or customer, enrollment and occurrence of a step
}

func (d dice) number(question string) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", d.seed, d.about, question))
	return binary.BigEndian.Uint64(sum[:])
}

// percent says yes in so many of a hundred.
func (d dice) percent(question string, of uint64) bool { return d.number(question)%100 < of }

// between returns a length of time.
func (d dice) between(question string, least, most time.Duration) time.Duration {
	share := float64(d.number(question)>>11) / (1 << 53) // of 1
	return least + time.Duration(share*float64(most-least))
}

// days returns a number of days, most included.
func (d dice) days(question string, least, most int) int {
	return least + int(d.number(question)%uint64(max(1, most-least+1))) //nolint:gosec // a few hundred days
}

func pick[T any](d dice, question string, of []T) T { return of[d.number(question)%uint64(len(of))] }
