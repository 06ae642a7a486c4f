// Package activities is what workflows have done for them: decisions on fresh data, touches, and the routing of events to enrollments. It
// turns what the store knows and what providers answer into the words of workflows/contract.go. It holds no state but caches of what never changes.
package activities
