#!/bin/sh
# Makes Temporal's databases, and brings their schemas up to this version. Running it again does nothing.
set -eu

for database in temporal temporal_visibility; do
  schema=/etc/temporal/schema/postgresql/v12/${database#temporal_}/versioned
  temporal-sql-tool --plugin "$SQL_PLUGIN" --ep "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --db "$database" create
  temporal-sql-tool --plugin "$SQL_PLUGIN" --ep "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --db "$database" setup-schema --version 0.0
  temporal-sql-tool --plugin "$SQL_PLUGIN" --ep "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --db "$database" update-schema --schema-dir "$schema"
done
