# Brings the database's schema to this MLflow's version, one pod at a time. What cannot work is said
# at once: the container is started again by Kubernetes, and then has what the Secret has by then.
#
# With ONLY_CHECK it changes nothing, and fails only where an upgrade is sure to.
#
# Two migrations at once break each other, and the lock that MLflow has is a file, which pods do not
# share. An advisory lock of Postgres is held as long as this connection: a pod that dies lets go of it.
import importlib.metadata
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import time

import psycopg2

URI = os.environ["MLFLOW_BACKEND_STORE_URI"]
WAIT = int(os.environ["DATABASE_WAIT_SECONDS"])
ONLY_CHECK = os.environ.get("ONLY_CHECK") == "true"
LOCK = 7166463
WRONG_PASSWORD = (
    "The Secret's user or password is not the database's. Postgres takes them when its volume is "
    "empty, and not again: put the old ones back into the Secret, or change them in the database, "
    "with ALTER USER, and start the pods again.")
KEPT_OUT = (
    "Postgres keeps this user out, whatever the password. The chart's own does so until its first setup "
    "has ended, which can fail or be interrupted. This finishes it, or says why it cannot:\n"
    "  kubectl exec %s-0 -- /docker-entrypoint-initdb.d/setup_database.sh\n"
    "Where the Secret was wrong, correct it, and delete that pod first. Any other Postgres needs an "
    "entry for this user in its pg_hba.conf.")
NEWER = (
    "The database's schema, revision %s, is of an MLflow that is newer than this one, %s. MLflow "
    "cannot take a schema back: set image.tag to the newer version again; or, to go back for good, "
    "restore a backup of the database from before the upgrade.")
REFUSED = (
    "Nothing was changed, and the old pods go on serving. If this was a rollback, Helm now takes it "
    "for one in progress: `helm rollback RELEASE REVISION`, to the revision that serves, ends that.")
LOCKED = (
    "Another pod has been migrating the database for %d seconds. Look at its log; if it is only "
    "slow, raise server.databaseWaitSeconds.")


def refuse(text):
    sys.exit("database: " + text + ("\n" + REFUSED if ONLY_CHECK else ""))


def connect():
    """A connection, as soon as there is a database."""
    end = time.monotonic() + WAIT
    while True:
        try:
            return psycopg2.connect("")
        except psycopg2.OperationalError as error:
            text = str(error).strip()
            if "password authentication failed" in text:
                # Not a matter of waiting: it listens to TCP only when it has users and passwords.
                refuse(text + "\n" + WRONG_PASSWORD)
            if "pg_hba.conf" in text:
                refuse(text + "\n" + KEPT_OUT % os.environ["PGHOST"])
            print("database: " + text, flush=True)
            if time.monotonic() > end:
                if ONLY_CHECK:
                    print("database: not reached within %d seconds, so not checked" % WAIT)
                    sys.exit(0)
                refuse("not reached within %d seconds" % WAIT)
            time.sleep(2)


def known():
    """The revisions of the schema that this MLflow knows, and the newest of them.

    Read from its files as text, which takes no time; to import MLflow takes seconds.
    """
    package = pathlib.Path(importlib.util.find_spec("mlflow").submodule_search_locations[0])
    files = [file.read_text() for file in (package / "store/db_migrations/versions").glob("*.py")]

    def all_of(name):
        pattern = r"^%s\b[^=\n]*=\s*[\"'](\w+)[\"']" % name
        return {found for text in files for found in re.findall(pattern, text, re.M)}

    revisions = all_of("revision")
    return revisions, revisions - all_of("down_revision")


def revision(cursor):
    """The schema's revision; nothing in an empty database."""
    cursor.execute("select to_regclass('alembic_version')")
    if cursor.fetchone()[0] is None:
        return None
    cursor.execute("select version_num from alembic_version")
    found = cursor.fetchone()
    return found and found[0]


connection = connect()
connection.autocommit = True
cursor = connection.cursor()
if not ONLY_CHECK:
    # A pod whose node is lost must not keep the lock for the two hours that Linux waits by default.
    for setting, value in ("idle", 10), ("interval", 5), ("count", 3):
        cursor.execute("set tcp_keepalives_%s = %d" % (setting, value))
    cursor.execute("set lock_timeout = %s", (WAIT * 1000,))
    try:
        cursor.execute("select pg_advisory_lock(%s)", (LOCK,))
    except psycopg2.errors.LockNotAvailable:
        refuse(LOCKED % WAIT)

revisions, newest = known()
current = revision(cursor)
if current and revisions and current not in revisions:
    refuse(NEWER % (current, importlib.metadata.version("mlflow")))
if ONLY_CHECK:
    print("database: an upgrade from schema %s to %s can be tried" % (current, ", ".join(newest)))
elif newest == {current}:
    print("database: the schema is up to date, revision %s" % current)
else:
    sys.exit(subprocess.call([sys.executable, "-m", "mlflow", "db", "upgrade", URI]))
