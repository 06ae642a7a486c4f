// Package db is what sqlc makes of ../queries: one method a statement. Nothing here is written by hand but this comment; package store
// is the only one that uses it.
package db
