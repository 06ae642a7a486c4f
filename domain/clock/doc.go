// Package clock is the clock of the whole stack: real time, or real time scaled, so that a demo lives two weeks in a minute.
//
// A Clock is a pure function of the real time; nothing here reads the time. Everything that a person sees (windows,
// deadlines, dates) is in the stack's time; only leases and network deadlines are in real time.
package clock
