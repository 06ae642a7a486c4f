// Package workflows holds the Temporal workflows: they drive the machine of package journey, wait, and remember. They decide nothing that
// the machine can decide and do nothing that an activity can do. contract.go names everything that they say to the outside.
//
// Workflow code uses no clock, randomness, map order, environment, I/O or logging but the SDK's.
package workflows
