// Package stacktest gives tests a real PostgreSQL and a real Temporal.
//
// Each is started when a test of a test binary first asks for it, is shared by all tests of that binary, and ends with
// the binary however that ends. What one test does is kept from the others by a database or a namespace of its own.
// Test data for a particular package does not belong here.
package stacktest
