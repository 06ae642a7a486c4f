// Command starter is the tool with which people run Perennial, tell it what to do and look at it. `starter --help` is its front page.
//
// Here belong commands: what they take, what they call, what they print. What is decided, stored or sent is decided, stored and sent in the
// packages that they call.
package main
