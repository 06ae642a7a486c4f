// Package segment is what operations ask about customers: the catalogue of what is known of a customer and of the events that
// happen to them, and CEL expressions over both, checked when a file is checked and evaluated on fresh facts.
//
// It knows nothing of journeys, databases or the network.
package segment
