// Package smtp sends e-mail by any SMTP server, through go-mail: one recipient a message, the touch's id in its Message-ID and its
// envelope sender, over connections that are kept and retired (pool.go).
//
// What a server's answers mean is in two places, both readable without the rest: the codes in codes.go, and the outcome classes
// (sent, surely not sent, unknown) in outcome.go. What follows from an outcome is not decided here.
package smtp
