package activities

// failpoint is a place on the way of a touch to its provider at which a process may die. Tests have a worker die at each, see docs/delivery.md.
type failpoint string

const (
	atClaiming failpoint = "claiming" // the claim is written, and not committed
	atOwned    failpoint = "owned"    // it is committed
	atCalling  failpoint = "calling"  // the provider is called next
	atCalled   failpoint = "called"   // it has answered, and the answer is not written down
	atRecorded failpoint = "recorded" // it is, and the activity has not said so
	atDoubting failpoint = "doubting" // it gave no answer, and that is not written down
	atAsking   failpoint = "asking"   // it was asked, and what it said is not written down
)
