// Package telemetry is what a process tells of itself: metrics, traces, and logs without personal data. docs/observability.md says what
// each means to whoever is woken at night.
//
// Here belongs how things are counted, traced and written, and the places where that hooks into others: Temporal's client and workers, a
// provider's sender, the gateway's requests, the database's backlog. What is counted is decided where it happens. Only mains and the gateway
// import it, so that nothing else changes its behaviour by being watched; the domain and the workflows know nothing of it.
package telemetry
