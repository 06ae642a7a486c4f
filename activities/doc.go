// Package activities is what workflows have done for them: decisions on fresh data, touches, the routing of events to enrollments, and all ways
// into journeys. It turns what the store knows and what providers answer into the words of workflows/contract.go. It holds no state but caches of
// what never changes.
package activities
