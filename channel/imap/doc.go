// Package imap reads the mailbox to which mails bounce, complaints come and customers answer, through go-imap: over one connection, the oldest mail
// first, as soon as the server tells of one (IDLE) or at a pace of its own.
//
// A mail is taken while it is unseen, and marked as seen once whoever it was given to has recorded it: a crash between the two brings it again. What
// a mail means is not decided here (smtp.ReadMail), nor what follows from it.
package imap
