package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	sqliteschema "go.temporal.io/server/schema/sqlite"
)

// sqlitePersistence keeps everything in one SQLite file, made with its schema if it is missing, or in memory if file is
// empty. SQLite has one writer, so there is one shard; the number can't be changed for an existing file.
func sqlitePersistence(file string) (config.Persistence, error) {
	db := config.SQL{PluginName: sqlite.PluginName, DatabaseName: "temporal", ConnectAttributes: map[string]string{
		"mode":  "memory",
		"cache": "shared",
	}}
	if file != "" {
		db.DatabaseName = file
		db.ConnectAttributes = map[string]string{"mode": "rwc", "journal_mode": "wal", "synchronous": "normal"}
		if err := makeSchema(file, &db); err != nil {
			return config.Persistence{}, err
		}
	}
	return config.Persistence{
		DefaultStore:     sqlite.PluginName,
		VisibilityStore:  sqlite.PluginName,
		NumHistoryShards: 1,
		DataStores:       map[string]config.DataStore{sqlite.PluginName: {SQL: &db}},
	}, nil
}

// makeSchema makes the file under another name and moves it into place when it is whole: a start that was killed
// half-way leaves nothing that the next one would take for a database.
func makeSchema(file string, db *config.SQL) error {
	_, err := os.Stat(file)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("looking for the database file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("making the database's folder: %w", err)
	}
	draft := *db
	draft.DatabaseName = file + ".new"
	draft.ConnectAttributes = map[string]string{"mode": "rwc"}
	if err := os.Remove(draft.DatabaseName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing an unfinished database: %w", err)
	}
	if err := makeTables(&draft); err != nil {
		return fmt.Errorf("making the schema of a new database: %w", err)
	}
	if err := os.Rename(draft.DatabaseName, file); err != nil {
		return fmt.Errorf("putting the new database in place: %w", err)
	}
	return nil
}

// makeTables makes Temporal's schema in an empty database, without the spare indexes.
func makeTables(draft *config.SQL) error {
	db, err := sql.NewSQLAdminDB(sqlplugin.DbKindUnknown, draft, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // what it made is in the file
	if err := sqliteschema.SetupSchemaOnDB(db); err != nil {
		return err
	}
	return dropIndexes(db, spareIndexes)
}
