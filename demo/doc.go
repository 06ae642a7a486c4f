// Package demo is a sample business on the scaled clock: a car dealership with a workshop. It says who its customers and colleagues are and what
// they did in past years, how customers behave, and what they received in the end. What is known comes in by CSV files, what happens by events at
// the gateway and by replies to messages, as in life. Customers react to what the sandbox received and to nothing else, by a hash of the seed; what
// was done wrong is counted from there too, by code that shares nothing with the contact policy.
package demo
