// Package contact is the contact policy: may we reach this customer about this topic, on which channel, and when. One pure function over
// profile and question; it reads no clock and no database. The ledger asks it again in the transaction that claims a touch.
package contact
