{{/*
The chart's name, or nameOverride; at most 63 characters, as Kubernetes has it for names.
*/}}
{{- define "team-mlflow.mlflow.name" -}}
{{- .Values.mlflow.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
What all names begin with: the release's name and the chart's, or fullnameOverride. A release whose
name has the chart's in it is not named twice.
*/}}
{{- define "team-mlflow.mlflow.fullname" -}}
{{- if .Values.mlflow.fullnameOverride }}
{{- .Values.mlflow.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "team-mlflow.mlflow.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "team-mlflow.mlflow.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/*
The name of the database's StatefulSet and Service.
*/}}
{{- define "team-mlflow.mlflow.postgres" -}}
{{- .Values.mlflow.postgres.fullnameOverride | default
    (printf "%s-postgres" (include "team-mlflow.mlflow.fullname" . | trunc 43 | trimSuffix "-")) }}
{{- end }}

{{/*
The Secret that is made inside the cluster. Names that end in a suffix are cut to 52 characters,
because Kubernetes adds to them.
*/}}
{{- define "team-mlflow.mlflow.generatedSecret" -}}
{{- printf "%s-generated" (include "team-mlflow.mlflow.fullname" . | trunc 42 | trimSuffix "-") }}
{{- end }}

{{/*
The Secret with user, password and keys of S3: the user's own, the one made from values, or the
generated one.
*/}}
{{- define "team-mlflow.mlflow.credentials" -}}
{{- if eq .Values.mlflow.credentials.source "existingSecret" }}
{{- .Values.mlflow.credentials.existingSecret }}
{{- else if eq .Values.mlflow.credentials.source "values" }}
{{- printf "%s-credentials" (include "team-mlflow.mlflow.fullname" . | trunc 40 | trimSuffix "-") }}
{{- else }}
{{- include "team-mlflow.mlflow.generatedSecret" . }}
{{- end }}
{{- end }}

{{/*
The ServiceAccount of the server's pods.
*/}}
{{- define "team-mlflow.mlflow.serviceAccountName" -}}
{{- if .Values.mlflow.serviceAccount.name }}
{{- .Values.mlflow.serviceAccount.name }}
{{- else if .Values.mlflow.serviceAccount.create }}
{{- include "team-mlflow.mlflow.fullname" . }}
{{- else }}
{{- "default" }}
{{- end }}
{{- end }}

{{/*
What makes the generated Secret: the name of its Job, and of its identity.
*/}}
{{- define "team-mlflow.mlflow.generator" -}}
{{- printf "%s-generator" (include "team-mlflow.mlflow.fullname" . | trunc 42 | trimSuffix "-") }}
{{- end }}

{{/*
MLflow's image, by digest where there is one, else by tag.
*/}}
{{- define "team-mlflow.mlflow.image" -}}
{{- with .Values.mlflow.image.digest }}
{{- printf "%s@%s" $.Values.mlflow.image.repository . }}
{{- else }}
{{- printf "%s:%s" .Values.mlflow.image.repository .Values.mlflow.image.tag }}
{{- end }}
{{- end }}

{{/*
Postgres' image, by digest where there is one, else by tag.
*/}}
{{- define "team-mlflow.mlflow.postgresImage" -}}
{{- with .Values.mlflow.postgres.image.digest }}
{{- printf "%s@%s" $.Values.mlflow.postgres.image.repository . }}
{{- else }}
{{- printf "%s:%s" .Values.mlflow.postgres.image.repository .Values.mlflow.postgres.image.tag }}
{{- end }}
{{- end }}

{{/*
The chart's name and version, as the label helm.sh/chart has them.
*/}}
{{- define "team-mlflow.mlflow.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
How many pods of the server there can be.
*/}}
{{- define "team-mlflow.mlflow.mostPods" -}}
{{- if .Values.mlflow.autoscaling.enabled }}
{{- int64 .Values.mlflow.autoscaling.maxReplicas }}
{{- else }}
{{- int64 .Values.mlflow.server.replicas }}
{{- end }}
{{- end }}

{{/*
Connections to the database that all pods can take: one pod more than there can be, for a rollout;
in each, those of the pool for every worker, and 3 of the process above them; then 10 for tests,
people and Postgres itself, and the 3 that Postgres keeps for its superuser.
*/}}
{{- define "team-mlflow.mlflow.connectionsNeeded" -}}
{{- add (mul (add (include "team-mlflow.mlflow.mostPods" . | int64) 1)
    (add (mul .Values.mlflow.server.workers
    (add .Values.mlflow.database.pool.size .Values.mlflow.database.pool.maxOverflow)) 3)) 13 }}
{{- end }}

{{/*
Labels of every object, beside its component.
*/}}
{{- define "team-mlflow.mlflow.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/name: {{ include "team-mlflow.mlflow.name" . | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ include "team-mlflow.mlflow.chart" . | quote }}
{{- end }}

{{/*
Labels by which pods are found, beside their component; they never change.
*/}}
{{- define "team-mlflow.mlflow.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "team-mlflow.mlflow.name" . | quote }}
{{- end }}

{{/*
The variables from which libpq, the client of Postgres, reads where the database is, and user and
password.
*/}}
{{- define "team-mlflow.mlflow.databaseEnv" -}}
- name: PGHOST
  {{- if eq .Values.mlflow.database.kind "external" }}
  value: {{ .Values.mlflow.database.external.host | quote }}
  {{- else }}
  value: {{ include "team-mlflow.mlflow.postgres" . | quote }}
  {{- end }}
- name: PGPORT
  {{- if eq .Values.mlflow.database.kind "external" }}
  value: {{ int64 .Values.mlflow.database.external.port | quote }}
  {{- else }}
  value: "5432"
  {{- end }}
- name: PGDATABASE
  value: {{ .Values.mlflow.database.name | quote }}
- name: PGUSER
  valueFrom:
    secretKeyRef:
      name: {{ include "team-mlflow.mlflow.credentials" . | quote }}
      key: {{ .Values.mlflow.credentials.keys.postgresUser | quote }}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "team-mlflow.mlflow.credentials" . | quote }}
      key: {{ .Values.mlflow.credentials.keys.postgresPassword | quote }}
- name: PGCONNECT_TIMEOUT
  value: "10"
{{- if eq .Values.mlflow.database.kind "external" }}
- name: PGSSLMODE
  value: {{ .Values.mlflow.database.external.sslMode | quote }}
{{- end }}
{{- end }}

{{/*
Every name that the Service has inside the cluster, with and without a port.
*/}}
{{- define "team-mlflow.mlflow.serviceHosts" -}}
{{- $fullname := include "team-mlflow.mlflow.fullname" . }}
{{- $fullname }},{{ $fullname }}:*,{{ $fullname }}.{{ .Release.Namespace }},
{{- $fullname }}.{{ .Release.Namespace }}:*,{{ $fullname }}.{{ .Release.Namespace }}.svc,
{{- $fullname }}.{{ .Release.Namespace }}.svc:*,
{{- $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.mlflow.clusterDomain }},
{{- $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.mlflow.clusterDomain }}:*
{{- end }}

{{/*
The node port; where Kubernetes chooses it, a pattern for all that it can choose: 30000 to 32767.
*/}}
{{- define "team-mlflow.mlflow.nodePort" -}}
{{- if ne .Values.mlflow.service.nodePort nil }}
{{- int64 .Values.mlflow.service.nodePort }}
{{- else }}
{{- "3[0-2]???" }}
{{- end }}
{{- end }}

{{/*
Hosts that a request may be for: this machine, private addresses, the Service's names, any host on
the node port, and server.allowedHosts. MLflow takes `172.16.*` for addresses only, so the private
networks are written out.
*/}}
{{- define "team-mlflow.mlflow.allowedHosts" -}}
{{- "localhost,localhost:*,127.0.0.1:*,[[]::1]:*,10.*,192.168.*,172.16.*,172.17.*,172.18.*," }}
{{- "172.19.*,172.20.*,172.21.*,172.22.*,172.23.*,172.24.*,172.25.*,172.26.*,172.27.*,172.28.*," }}
{{- "172.29.*,172.30.*,172.31.*," }}{{ include "team-mlflow.mlflow.serviceHosts" . }}
{{- if eq .Values.mlflow.service.type "NodePort" }}
{{- printf ",*:%s" (include "team-mlflow.mlflow.nodePort" .) }}
{{- end }}
{{- with .Values.mlflow.server.allowedHosts }}
{{- printf ",%s,%s:*" (join "," .) (join ":*," .) }}
{{- end }}
{{- end }}

{{/*
Origins whose pages may call the API: MLflow's own page under every address that it can be reached
by, and server.corsOrigins.
*/}}
{{- define "team-mlflow.mlflow.corsOrigins" -}}
{{- $fullname := include "team-mlflow.mlflow.fullname" . }}
{{- "http://localhost:*,http://127.0.0.1:*,http://" }}{{ $fullname }}:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}.svc:*,
{{- "http://" }}{{ $fullname }}.{{ .Release.Namespace }}.svc.{{ .Values.mlflow.clusterDomain }}:*
{{- if eq .Values.mlflow.service.type "NodePort" }}
{{- printf ",http://*:%s" (include "team-mlflow.mlflow.nodePort" .) }}
{{- end }}
{{- with .Values.mlflow.server.allowedHosts }}
{{- ",http://" }}{{ join ",http://" . }},http://{{ join ":*,http://" . }}:*,
{{- "https://" }}{{ join ",https://" . }},https://{{ join ":*,https://" . }}:*
{{- end }}
{{- with .Values.mlflow.server.corsOrigins }}
{{- printf ",%s" (join "," .) }}
{{- end }}
{{- end }}

{{/*
The Secret with the keys that MLflow encrypts with: the generated one, or without a generator that
of the credentials, where they are optional.
*/}}
{{- define "team-mlflow.mlflow.keysSecret" -}}
{{- if .Values.mlflow.generator.enabled }}
{{- include "team-mlflow.mlflow.generatedSecret" . }}
{{- else }}
{{- include "team-mlflow.mlflow.credentials" . }}
{{- end }}
{{- end }}

{{/*
What a client of S3 needs: keys, where they come from the Secret, and address and region, where they
are set.
*/}}
{{- define "team-mlflow.mlflow.s3Env" -}}
{{- if eq .Values.mlflow.artifacts.s3.credentials "secret" }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef:
      name: {{ include "team-mlflow.mlflow.credentials" . | quote }}
      key: {{ .Values.mlflow.credentials.keys.awsAccessKeyId | quote }}
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "team-mlflow.mlflow.credentials" . | quote }}
      key: {{ .Values.mlflow.credentials.keys.awsSecretAccessKey | quote }}
{{- end }}
{{- with .Values.mlflow.artifacts.s3.endpoint }}
- name: MLFLOW_S3_ENDPOINT_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.mlflow.artifacts.s3.region }}
- name: AWS_DEFAULT_REGION
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{/*
The user that MLflow runs as, in the server's pods and in those that use its image.
*/}}
{{- define "team-mlflow.mlflow.podSecurityContext" -}}
{{- if ne .Values.mlflow.server.podSecurityContext.fsGroup nil }}
fsGroup: {{ int64 .Values.mlflow.server.podSecurityContext.fsGroup }}
{{- end }}
fsGroupChangePolicy: OnRootMismatch
{{- if ne .Values.mlflow.server.podSecurityContext.runAsGroup nil }}
runAsGroup: {{ int64 .Values.mlflow.server.podSecurityContext.runAsGroup }}
{{- end }}
runAsNonRoot: true
{{- if ne .Values.mlflow.server.podSecurityContext.runAsUser nil }}
runAsUser: {{ int64 .Values.mlflow.server.podSecurityContext.runAsUser }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/*
The script that brings the database's schema to this MLflow's version; with ONLY_CHECK, it only asks
whether that can be done.
*/}}
{{- define "team-mlflow.mlflow.migrate" -}}
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
{{- end }}
