// Package channel holds what the channels share: the message that a provider is given ([Message]), what it says when it took one
// ([Receipt]) and why it did not ([Error]). One package a provider lies below it and turns that provider's answers into these;
// sandbox stands in for all of them over their own protocols.
//
// What does not belong here: whether a touch may be sent (domain/contact), what it says (domain/message), and whether it was
// sent before (store, activities).
package channel
