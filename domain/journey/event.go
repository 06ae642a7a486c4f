package journey

// The event types that the machine itself knows.
const (
	ProfileChanged = "profile.changed" // addresses, windows, zone, channels or attributes changed
	ConsentChanged = "consent.changed" // the customer agreed to a topic or took it back
	Purchased      = "purchase"        // the customer bought something
	SurveyAnswered = "survey.answered" // the customer answered an ask
)

// Receipt is what a provider said later of a touch that it took.
type Receipt struct {
	Touch   TouchKey `json:"touch"`
	Arrived bool     `json:"arrived"` // it was delivered; otherwise it surely was not
}
