// Package customer is what is known of a customer, and the words for it: profile, addresses, channels, consents, and the contact
// windows in which they want to be reached. Pure values; what may be done with them is package contact's business.
package customer
