// Package twilio sends SMS ([Client]) and WhatsApp messages ([WhatsApp]) by Twilio's Messages API, through twilio-go with an HTTP
// client of our own ([base]), and signs and verifies Twilio's webhooks.
//
// What Twilio's answers mean is in two places, both readable without the rest: the codes in codes.go, and the outcome classes
// (sent, surely not sent, unknown) in outcome.go. What follows from an outcome is not decided here.
package twilio
