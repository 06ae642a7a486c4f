package journey

import "slices"

// This file is the keys of the language: the check and the schema are made of the same tables.

// journeyKeys are the keys of a journey's file.
func journeyKeys() []string {
	return []string{"journey", "title", "topic", "enter", "goal", "exit", "steps"}
}

// verbNames are the keys that say what a step does, in the order in which they are told.
func verbNames() []string {
	return []string{
		string(Send), string(Ask), string(Wait), string(If), string(Repeat), string(Set), string(Notify), string(Start), string(Exit),
	}
}

// verbs are the keys that say what a step does, and the keys that may stand beside each.
func verbs() map[string][]string {
	return map[string][]string{
		string(Send):   {"topic", "channels", "valid", "fallback"},
		string(Ask):    {"topic", "channels", "valid", "fallback", "within"},
		string(Wait):   nil,
		string(If):     {"then", "else"},
		string(Repeat): nil,
		string(Set):    nil,
		string(Notify): {"with", "valid"},
		string(Start):  nil,
		string(Exit):   nil,
	}
}

// unbuiltVerbs are designed and not built yet.
func unbuiltVerbs() []string { return []string{"task", "split"} }

// waitKeys are the keys of a wait that is no mere span.
func waitKeys() []string { return []string{"until", "for", "when", "within"} }

// repeatKeys are the keys of a repeat.
func repeatKeys() []string { return []string{"every", "until", "steps"} }

// fallbackKeys are the keys of a fallback.
func fallbackKeys() []string { return []string{"after"} }

// goalKeys are the keys of a goal.
func goalKeys() []string { return []string{"on", "when", "within"} }

// exitKeys are the keys of an exit.
func exitKeys() []string { return []string{"on", "when", "reason"} }

// enterWays are the keys of enter that say how customers come in, in the order in which they are told; exactly one of them is there.
func enterWays() []string { return []string{"on", "segment", "at", "by"} }

// enterKeys are the keys that may stand beside each of them.
func enterKeys() map[string][]string {
	return map[string][]string{
		"on":      {"when", "again", "key"},
		"segment": {"every", "again"},
		"at":      {"each", "when", "every", "late", "again"},
		"by":      {"again"},
	}
}

// byStart is what stands behind by: another journey starts this one.
const byStart = "start"

// allEnterKeys are all keys of enter.
func allEnterKeys() []string {
	all := enterWays()
	for _, way := range enterWays() {
		for _, key := range enterKeys()[way] {
			if !slices.Contains(all, key) {
				all = append(all, key)
			}
		}
	}
	return all
}
