package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	schemaversion "go.temporal.io/server/schema/postgresql/v12"
	"go.temporal.io/server/tools/common/schema"
	"go.temporal.io/server/tools/sql"
)

// postgresVariable holds the URL of a PostgreSQL server, with its password: arguments are for everybody to read.
const postgresVariable = "POSTGRES_URL"

// postgresShards is the number of history shards, which can't be changed for existing databases. It suits one machine; a cluster has 512.
const postgresShards = 4

// postgresConnections is the most connections that each of the server's services has to each database.
const postgresConnections = 12

// postgresDatabase is a database that it has there, with its schema.
type postgresDatabase struct {
	name    string
	schema  string
	version string
	spare   []string // lists of indexes
	roomy   string   // a table whose rows are written anew where they are, as long as their page has room for that
}

// postgresPersistence keeps everything in two databases of a PostgreSQL server, made with their schemas if they are missing.
func postgresPersistence(ctx context.Context) (config.Persistence, error) {
	at, err := url.Parse(os.Getenv(postgresVariable))
	if err != nil || at.Host == "" || at.User == nil {
		return config.Persistence{}, fmt.Errorf("--postgres needs %s, such as postgres://user:password@host:5432/postgres", postgresVariable)
	}
	password, _ := at.User.Password()
	store := func(d postgresDatabase) config.DataStore {
		return config.DataStore{SQL: &config.SQL{
			PluginName: postgresql.PluginNamePGX, DatabaseName: d.name, ConnectAddr: at.Host, ConnectProtocol: "tcp",
			User: at.User.Username(), Password: password, MaxConns: postgresConnections, MaxIdleConns: postgresConnections,
		}}
	}
	const main, visibility = "temporal", "temporal_visibility"
	persistence := config.Persistence{DefaultStore: main, VisibilityStore: visibility, NumHistoryShards: postgresShards, DataStores: map[string]config.DataStore{}}
	for _, d := range []postgresDatabase{
		{name: main, schema: "postgresql/v12/temporal", version: schemaversion.Version},
		{name: visibility, schema: "postgresql/v12/visibility", version: schemaversion.VisibilityVersion, spare: []string{spareIndexes, sparePostgresIndexes}, roomy: "executions_visibility"},
	} {
		persistence.DataStores[d.name] = store(d)
		if err := d.make(ctx, at.String(), store); err != nil {
			return config.Persistence{}, fmt.Errorf("making database %s: %w", d.name, err)
		}
	}
	return persistence, nil
}

// make makes a database under another name and renames it when it is whole, as with SQLite.
func (d postgresDatabase) make(ctx context.Context, url string, store func(postgresDatabase) config.DataStore) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", d.name).Scan(&there); err != nil || there {
		return err
	}
	draft := d
	draft.name += "_new"
	for _, statement := range []string{"drop database if exists " + draft.name, "create database " + draft.name} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := draft.setUp(store(draft).SQL, d.name); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, strings.Join([]string{"alter database", draft.name, "rename to", d.name}, " "))
	return err
}

// setUp makes the schema. Its version is noted under the name that the database will have.
func (d postgresDatabase) setUp(at *config.SQL, name string) error {
	conn, err := sql.NewConnection(at, log.NewNoopLogger())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := schema.NewSetupSchemaTask(conn, &schema.SetupConfig{SchemaName: d.schema, InitialVersion: d.version}, log.NewNoopLogger()).Run(); err != nil {
		return err
	}
	if err := dropIndexes(conn, d.spare...); err != nil {
		return err
	}
	if d.roomy != "" {
		if err := conn.Exec("alter table " + d.roomy + " set (fillfactor = 70)"); err != nil {
			return err
		}
	}
	return conn.Exec("update schema_version set db_name = '" + name + "'")
}
