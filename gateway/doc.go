// Package gateway is the HTTP side: the door through which events come in, the webhooks of the providers, and the customer's page. It turns
// what comes into events, stores them, and hands them to a dispatcher; what follows from an event is decided elsewhere.
package gateway
