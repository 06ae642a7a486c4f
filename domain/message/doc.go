// Package message is the texts that customers receive: Liquid templates, one file a template, channel and language, which are
// loaded, checked against the catalogue and rendered for one customer. Front matter says what a channel needs beside the text
// (front.go).
//
// What reaches whom and when is not decided here, and nothing is sent from here.
package message
