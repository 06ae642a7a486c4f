package store

import (
	"context"
	"fmt"

	"perennial/domain/customer"
)

// Reach is a way in which customers want to be reached, as far as it is the same for many: a profile in which only country, windows and
// channels are set, and who has it.
type Reach struct {
	Profile   customer.Profile
	Customers int64
	Examples  []string // ids of some of them, in order
}

// Reaches returns the ways in which customers want to be reached, each with up to examples of their ids. Customers whose relation has ended
// are left out. It reads every customer, so it is for people's questions.
func (s session) Reaches(ctx context.Context, examples int) ([]Reach, error) {
	rows, err := s.q.Reaches(ctx, examples)
	if err != nil {
		return nil, wrap(err, "list the ways in which customers want to be reached")
	}
	reaches := make([]Reach, len(rows))
	for i, r := range rows {
		windows, err := customer.ParseWindows(r.ContactWindows)
		if err != nil {
			return nil, fmt.Errorf("read the hours of %s: %w", r.Examples[0], err)
		}
		reaches[i] = Reach{Profile: customer.Profile{Country: r.Country, Windows: windows}, Customers: r.Customers, Examples: r.Examples}
		for _, c := range r.Channels {
			reaches[i].Profile.Channels = append(reaches[i].Profile.Channels, customer.Channel(c))
		}
	}
	return reaches, nil
}
