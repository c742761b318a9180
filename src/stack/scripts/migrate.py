# Brings the database's schema to this MLflow's version, one pod at a time.
#
# Two migrations at once break each other, and the lock that MLflow has is a file, which pods do not
# share. An advisory lock of Postgres is held as long as this connection: a pod that dies lets go of it.
import os
import subprocess
import sys
import time

import psycopg2

URI = os.environ["MLFLOW_BACKEND_STORE_URI"]
WAIT = float(os.environ["DATABASE_WAIT_SECONDS"])
LOCK = 7166463
WRONG_PASSWORD = (
    "The Secret's user or password is not the database's. Postgres takes them when its volume is "
    "empty, and not again: put the old one back, or change it there with ALTER USER.")

end = time.monotonic() + WAIT
while True:
    try:
        connection = psycopg2.connect("")
        break
    except psycopg2.OperationalError as error:
        text = str(error).strip()
        print("database: " + text, flush=True)
        if "password authentication failed" in text:
            print(WRONG_PASSWORD, flush=True)
        if time.monotonic() > end:
            sys.exit("database: not reached within %d seconds" % WAIT)
        time.sleep(2)

connection.autocommit = True
connection.cursor().execute("select pg_advisory_lock(%s)", (LOCK,))
sys.exit(subprocess.call([sys.executable, "-m", "mlflow", "db", "upgrade", URI]))
