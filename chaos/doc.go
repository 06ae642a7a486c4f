// Package chaos breaks a whole Perennial on purpose, under load, and counts what was lost by it.
//
// Here belong what is killed and stopped when, by a seed; the load: customers who are made up, the events that a careful client hands in, and what
// customers answer; and the reckoning: what the providers took, by the sandbox's own record, is held against the ledger, the events and the
// enrollments as plain SQL reads them. The reckoning shares no code with what it judges. How processes are run belongs to deploy/stack; what a
// terminal shows, to starter.
package chaos
