// Package sandbox stands in for every provider on one machine, over their own protocols: Twilio's Messages API for SMS and
// WhatsApp, Slack's Web API, and SMTP. It keeps in memory what each phone and inbox received, shows it on a page where a person can type an answer, and delivers answers and
// receipts as the providers would. It can misbehave as they do, the same way in every run of one seed.
//
// It checks requests as strictly as the providers' published schemas allow, so that what it takes they would take. It knows
// nothing of customers, journeys or touches beyond the touch's id that a message carries: what it received is a witness that
// shares no code with what sent it.
package sandbox
