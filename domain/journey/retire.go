package journey

// Retire returns the plan as one that nobody enters any more: not by an event, a look or a date, not from another journey and not by hand. What it
// does for those who are in it stays.
func (p *Plan) Retire() *Plan {
	retired := *p
	retired.Enter = Enter{Again: p.Enter.Again, Each: p.Enter.Each, Retired: true}
	return &retired
}
