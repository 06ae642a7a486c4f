package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Passage is one customer's passage through a journey, named as in every run with the same seed.
type Passage struct {
	Customer string `json:"customer"`
	Name     string `json:"name"` // the journey, the key if there is one, and the how-manieth time
	Outcome  string `json:"outcome"`
	Step     string `json:"step,omitempty"` // where it stands, while it runs
}

// String says it in one line.
func (p Passage) String() string {
	if p.Step != "" {
		return p.Outcome + " at " + p.Step
	}
	return p.Outcome
}

// Difference is one passage that was otherwise in another run.
type Difference struct {
	Customer string `json:"customer"`
	Name     string `json:"name"`
	Before   string `json:"before"` // empty: not entered
	Now      string `json:"now"`
}

func (d Difference) String() string {
	return fmt.Sprintf("%s in %s: %s, now %s", d.Customer, d.Name, cmp.Or(d.Before, "did not enter"), cmp.Or(d.Now, "did not enter"))
}

// Comparison is how two runs with one seed differ.
type Comparison struct {
	Entered  []Difference // who entered what
	Outcomes []Difference
	Of       int // passages that are in both
}

// agreeing is how many outcomes of a hundred must be the same.
const agreeing = 99

// OK says whether the runs agree in who entered what, and in nearly all outcomes.
func (c Comparison) OK() bool {
	return len(c.Entered) == 0 && 100*(c.Of-len(c.Outcomes)) >= agreeing*c.Of
}

// Compare says how a run differs from an earlier one. Those with another seed, or of another size, can't be compared.
func (s Summary) Compare(before Summary) (Comparison, error) {
	if s.Seed != before.Seed || s.Customers != before.Customers || s.Days != before.Days {
		return Comparison{}, fmt.Errorf("%d customers, %d days and seed %d can't be compared with %d customers, %d days and seed %d",
			s.Customers, s.Days, s.Seed, before.Customers, before.Days, before.Seed)
	}
	type key struct{ customer, name string }
	was, is := map[key]Passage{}, map[key]Passage{}
	for _, p := range before.Passages {
		was[key{p.Customer, p.Name}] = p
	}
	for _, p := range s.Passages {
		is[key{p.Customer, p.Name}] = p
	}
	all := maps.Clone(was)
	maps.Copy(all, is)
	var c Comparison
	for _, k := range slices.SortedFunc(maps.Keys(all), func(a, b key) int { return cmp.Or(cmp.Compare(a.customer, b.customer), cmp.Compare(a.name, b.name)) }) {
		one, there := was[k]
		two, here := is[k]
		switch {
		case !there:
			c.Entered = append(c.Entered, Difference{k.customer, k.name, "", two.String()})
		case !here:
			c.Entered = append(c.Entered, Difference{k.customer, k.name, one.String(), ""})
		default:
			c.Of++
			if one.Outcome != two.Outcome {
				c.Outcomes = append(c.Outcomes, Difference{k.customer, k.name, one.String(), two.String()})
			}
		}
	}
	return c, nil
}
