#!/bin/sh
# Gives the server a role of its own, which owns the one database and nothing else. The image runs this when the
# volume is empty, and lets nobody in until it has ended; run by hand, it finishes a setup that was interrupted.
set -e

if [ "$DATABASE_OWNER" = "$POSTGRES_USER" ]; then
  echo "the user in the Secret has the name of the superuser, $POSTGRES_USER: give it another one" >&2
  exit 1
fi

# \getenv: no secret is in an argument, and any name and any password works.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner DATABASE_OWNER
\getenv password POSTGRES_PASSWORD
\getenv database POSTGRES_DB
\getenv superuser POSTGRES_USER

-- Whatever goes wrong, and whatever else is logged: not the password.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\set VERBOSITY terse

SELECT format('CREATE ROLE %I', :'owner')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SET password_encryption = 'scram-sha-256';
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';

SELECT format('CREATE DATABASE %I', :'database')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;
REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT, TEMPORARY ON DATABASE template1 FROM PUBLIC;

-- The image wants a password for it, and has just the one of the Secret.
ALTER ROLE :"superuser" PASSWORD NULL;
SQL

# The last thing of all: the file that was there lets nobody in over the network.
cat >"$PGDATA/pg_hba.conf.new" <<HBA
# Who is in the pod is trusted: administration and backups, with kubectl exec.
local all,replication all trust
# Over the network nobody is the superuser, whatever passwords there are.
host all $POSTGRES_USER all reject
host all all all scram-sha-256
HBA
mv "$PGDATA/pg_hba.conf.new" "$PGDATA/pg_hba.conf"
# The image ends the server of the setup, which has no TCP. By hand it is the one that stays.
if pg_isready --quiet --host 127.0.0.1; then pg_ctl reload --silent; fi
