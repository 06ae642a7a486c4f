// Package demo is a sample business on the scaled clock: who its customers are, how they behave, and what they received in the end. Customers
// react to what the sandbox received and to nothing else; what was done wrong is counted from there too, by code that shares nothing with the
// contact policy and the ledger.
package demo
