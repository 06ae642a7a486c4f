package contact

// Reason is the code of what held or skipped a touch.
type Reason string

// The reasons. Those above the line skip a touch, those below hold it.
const (
	Closed      Reason = "closed"
	NoConsent   Reason = "no_consent"
	Complaint   Reason = "open_complaint"
	Unsatisfied Reason = "unsatisfied"
	NoChannel   Reason = "no_channel"
	NoWindow    Reason = "no_window"
	Expired     Reason = "expired"

	LegalHours    Reason = "legal_hours"
	OutsideWindow Reason = "outside_window"
	QuietHours    Reason = "quiet_hours"
	Holiday       Reason = "holiday"
	Capped        Reason = "capped"
	TooSoon       Reason = "too_soon"
	Yielded       Reason = "yielded"
)

// The reasons of touches to colleagues. Those above the line skip a touch, those below hold it.
const (
	NoColleague      Reason = "no_colleague"
	UnknownColleague Reason = "unknown_colleague"

	Absent       Reason = "absent"
	DayOff       Reason = "day_off"
	WorkingHours Reason = "working_hours"
)

// Sentence says the reason in words for a manager.
func (r Reason) Sentence() string {
	switch r {
	case Closed:
		return "the relation with the customer has ended"
	case NoConsent:
		return "the customer has not agreed to this topic"
	case Complaint:
		return "the customer has an open complaint"
	case Unsatisfied:
		return "the customer was not satisfied and has not said otherwise since"
	case NoChannel:
		return "no channel is left that has a good address and a template"
	case NoWindow:
		return "the customer's hours leave no time at all"
	case Expired:
		return "it was held for longer than it is welcome"
	case LegalHours:
		return "outside the hours that the law of the customer's country allows"
	case OutsideWindow:
		return "outside the hours that the customer prefers"
	case QuietHours:
		return "outside decent hours"
	case Holiday:
		return "a public holiday where the customer lives"
	case Capped:
		return "the customer has heard from us often enough lately"
	case TooSoon:
		return "too soon after another message"
	case Yielded:
		return "another message to the customer goes first"
	case NoColleague:
		return "nobody looks after this customer"
	case UnknownColleague:
		return "the colleague who should be told is not known"
	case Absent:
		return "the colleague is absent, and so is everybody who stands in"
	case DayOff:
		return "a public holiday where the colleague works"
	case WorkingHours:
		return "outside the colleague's working hours"
	}
	return string(r)
}
