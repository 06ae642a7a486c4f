package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNotFound says that there is no such row. It comes wrapped with what was looked for.
var ErrNotFound = errors.New("not found")

// UnknownCustomersError says that something speaks of customers that the store does not know.
type UnknownCustomersError struct {
	IDs []string // opaque ones: an id that looks like an address is refused before it is looked up
}

func (e *UnknownCustomersError) Error() string {
	if len(e.IDs) == 1 {
		return "unknown customer " + e.IDs[0]
	}
	return "unknown customers " + strings.Join(e.IDs, ", ")
}

// DatabaseError is an error that PostgreSQL answered, without its details, since those echo the values of the row.
type DatabaseError struct {
	Code       string // SQLSTATE
	Constraint string // where one was violated
	Column     string // where one must not be null
	message    string
}

func (e *DatabaseError) Error() string {
	if e.Constraint != "" {
		return fmt.Sprintf("the database refuses it by %s (%s)", e.Constraint, e.Code)
	}
	if e.Column != "" {
		return fmt.Sprintf("the database needs a value for %s (%s)", e.Column, e.Code)
	}
	return fmt.Sprintf("the database says: %s (%s)", e.message, e.Code)
}

// Content says whether the database refuses what it was given, so that giving it again is of no use: data exceptions (class 22) and
// constraint violations (class 23).
func (e *DatabaseError) Content() bool {
	return strings.HasPrefix(e.Code, "22") || strings.HasPrefix(e.Code, "23")
}

// wrap adds what was being done to an error of the database, and keeps personal data out of it. A nil error stays nil.
func wrap(err error, doing string, args ...any) error {
	if err == nil {
		return nil
	}
	doing = fmt.Sprintf(doing, args...)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%s: %w", doing, ErrNotFound)
	}
	if answered, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fmt.Errorf("%s: %w", doing, withoutValues(answered))
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// withoutValues keeps a message only where PostgreSQL puts no value of ours into it.
func withoutValues(answered *pgconn.PgError) *DatabaseError {
	e := &DatabaseError{Code: answered.Code, Constraint: answered.ConstraintName, Column: answered.ColumnName, message: answered.Message}
	if e.Content() {
		e.message = "a value is not acceptable"
	}
	return e
}

func noRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// oneRow turns a change that found no row into an error.
func oneRow(changed int64, err error) error {
	if err == nil && changed == 0 {
		return pgx.ErrNoRows
	}
	return err
}

// isDataException says whether PostgreSQL can't take a value for what it is (class 22).
func isDataException(err error) bool {
	answered, ok := errors.AsType[*pgconn.PgError](err)
	return ok && strings.HasPrefix(answered.Code, "22")
}
