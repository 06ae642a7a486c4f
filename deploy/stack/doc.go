// Package stack runs what Perennial needs on one machine: a private PostgreSQL cluster, Temporal and further processes,
// started and stopped together, so that `starter dev`, `starter demo` and the tests stand on the same parts.
//
// Here belongs how processes, ports and state folders are handled. What the processes do, which of them a command
// starts, and what it prints, does not.
package stack
