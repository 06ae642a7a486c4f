package channel

// Found is what a provider answers when it is asked whether it took a message. Where it is empty, the provider has given all that it has and has no such
// message, by now: a provider may list a message later than it took it.
type Found struct {
	// Ours are the provider's ids of messages that are this one, or that say the same to the same reader, the oldest first.
	Ours []string

	// Others are the ids of further messages to the same reader since then, which can't be told from this one.
	Others []string

	// Partial says that there is more than was looked through.
	Partial bool
}
