# Run in the server's pod, as the server: what whoever takes it over can do to the database. Prints what was refused.
import os
import re

import psycopg2
from psycopg2 import OperationalError
from psycopg2.errors import InsufficientPrivilege

SUPERUSER = "mlflow_superuser"


def refused(what, error, message, attempt):
    """Fails unless the attempt does, with this error and message."""
    try:
        attempt()
    except error as caught:
        assert re.search(message, str(caught)), "%s: refused for another reason: %s" % (what, caught)
        print(what)
    else:
        raise SystemExit("the server's role can do this: " + what)


connection = psycopg2.connect("")
connection.autocommit = True
cursor = connection.cursor()


def value(sql):
    cursor.execute(sql)
    return cursor.fetchone()[0]


RIGHTS = "rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls"
ME = "(select oid from pg_roles where rolname = current_user)"
assert not value("select %s from pg_roles where oid = %s" % (RIGHTS, ME)), "it has rights of an administrator"
assert value("select count(*) from pg_auth_members where member = " + ME) == 0, "it has other roles' rights"
owned = value("select array_agg(datname::text) from pg_database where datdba = " + ME)
assert owned == [os.environ["PGDATABASE"]], "it owns other databases than the one, or none: %s" % owned
assert value("select count(*) from alembic_version") == 1, "the schema is not its own"

for sql in (
        "copy (select 1) to program 'cat'",
        "copy (select 1) to '/tmp/file'",
        "select pg_read_file('/etc/passwd')",
        "select rolpassword from pg_authid",
        "create role another superuser",
        "create database another",
        "alter role current_user superuser",
        "set role " + SUPERUSER,
        "alter system set max_connections = 10",
        "create extension dblink",
):
    refused(sql, InsufficientPrivilege, "permission denied|must be", lambda: cursor.execute(sql))
for database in "postgres", "template1":
    refused("connect to " + database, OperationalError, "permission denied for database",
            lambda: psycopg2.connect("", dbname=database))
# With the Secret's password, which is in the environment; and in the database itself there is none.
refused("connect as the superuser", OperationalError, "pg_hba.conf rejects connection",
        lambda: psycopg2.connect("", user=SUPERUSER))
