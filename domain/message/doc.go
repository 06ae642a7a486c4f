// Package message is the texts that customers receive: Liquid templates, one file a template, channel and language, which are
// loaded, checked against the catalogue and rendered for one customer.
//
// What reaches whom and when is not decided here, and nothing is sent from here.
package message
