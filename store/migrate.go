package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/tern/v2/migrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable is where the schema keeps its version.
const versionTable = "public.schema_version"

// Migrate brings the schema up to this build, and answers the version it had and the one it has. Two that migrate at once wait for each other.
// A schema newer than this build is an error.
func (s *Store) Migrate(ctx context.Context) (from, to int, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return 0, 0, wrap(err, "migrate the database")
	}
	defer conn.Release()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, 0, fmt.Errorf("read the migrations: %w", err)
	}
	migrator, err := migrate.NewMigrator(ctx, conn.Conn(), versionTable)
	if err != nil {
		return 0, 0, wrap(err, "migrate the database")
	}
	if err := migrator.LoadMigrations(files); err != nil {
		return 0, 0, fmt.Errorf("read the migrations: %w", err)
	}
	before, err := migrator.GetCurrentVersion(ctx)
	if err != nil {
		return 0, 0, wrap(err, "migrate the database")
	}
	if err := migrator.Migrate(ctx); err != nil {
		return int(before), int(before), wrap(err, "migrate the database from version %d", before)
	}
	return int(before), len(migrator.Migrations), nil
}
