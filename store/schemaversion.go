package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"
)

// undefinedTable is the SQLSTATE of a table that is not there.
const undefinedTable = "42P01"

// Schema tells the version that the database's schema has, 0 where it has none, and the one that this build wants. It changes nothing.
func (s *Store) Schema(ctx context.Context) (has, wants int, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, fmt.Errorf("list the migrations: %w", err)
	}
	err = s.pool.QueryRow(ctx, "select version from "+versionTable).Scan(&has)
	if answered, ok := errors.AsType[*pgconn.PgError](err); ok && answered.Code == undefinedTable {
		return 0, len(files), nil
	}
	return has, len(files), wrap(err, "read the version of the schema")
}
