// Package store keeps what must outlast every process in PostgreSQL: customers and what is known of them, colleagues, events, journey versions,
// enrollments, and the ledger of touches. Each file is one of these, with the transactions that change it.
//
// Statements are written in SQL, in queries/, and turned into package db by sqlc; migrations/ make the schema. What is decided here is
// only what a transaction must decide: whether an event is new, whether a customer may enter again, who may send a touch. Who may be
// reached and when belongs to domain/contact; reading files belongs to store/importcsv.
//
// No error holds personal data: PostgreSQL's own details, which echo the values of a row, are left out.
package store
