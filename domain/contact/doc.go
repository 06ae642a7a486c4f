// Package contact is the contact policy: may we reach this customer about this topic, on which channel, and when. It reads the policy that
// operations write, and asks it in one pure function over profile and question that reads no clock and no database. The ledger asks it
// again in the transaction that claims a touch.
//
// What is known of the customer is package customer's; what a touch costs and where it is kept is the ledger's.
package contact
