// Package bench says what Perennial costs, beside a floor: what Temporal itself costs for the same waits and calls, on the same server in the same
// run.
//
// Here belong the load, the floor, and how both are measured. Starting the stack, and what is printed while it runs, do not.
package bench
