// Package colleague is somebody on our side: how and when they are reached, and who stands in for them. One pure function decides who is told
// of something about a customer, on which channel and when. It reads no clock and no database.
//
// What a customer may be sent is package contact's; where it is kept who was told is the ledger's.
package colleague
