// Package slack sends direct messages by Slack's Web API, through slack-go with an HTTP client of our own ([call]): it opens the
// conversation with somebody, posts the text with the touch's id in its metadata, and keeps the pace that Slack asks for in one
// conversation.
//
// What Slack's answers mean is in two places, both readable without the rest: the codes in codes.go, and the outcome classes
// (sent, surely not sent, unknown) in outcome.go. What follows from an outcome is not decided here.
package slack
