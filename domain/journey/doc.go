// Package journey is the language in which operations write journeys, which is read, checked and compiled to plans, and the pure
// machine that runs a plan: what happened leads from one state to the next and to the command for what is to be done.
//
// It knows no Temporal, no database, no clock and no network; expressions are evaluated and messages sent by those who run the machine.
package journey
