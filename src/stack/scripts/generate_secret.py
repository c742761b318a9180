# Makes the Secret SECRET_NAME inside the cluster, or adds the keys that it lacks. What is there is
# never changed, and nothing is printed but the names of keys.
import base64
import json
import os
import secrets
import ssl
import sys
import urllib.error
import urllib.request

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
NAME = os.environ["SECRET_NAME"]
HOST = os.environ["KUBERNETES_SERVICE_HOST"]
HOST = "[%s]" % HOST if ":" in HOST else HOST
SECRETS = "https://%s:%s/api/v1/namespaces/%s/secrets" % (
    HOST, os.environ["KUBERNETES_SERVICE_PORT"], os.environ["NAMESPACE"])


def call(method, url, body=None, kind="application/json"):
    with open(ACCOUNT + "/token") as token:
        headers = {"Authorization": "Bearer " + token.read(), "Content-Type": kind}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    trust = ssl.create_default_context(cafile=ACCOUNT + "/ca.crt")
    with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
        return json.load(answer)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


wanted = {
    "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "MLFLOW_CRYPTO_KEK_PASSPHRASE": secrets.token_urlsafe(32),
}
if os.environ["WITH_CREDENTIALS"] == "true":
    wanted[os.environ["USER_KEY"]] = "mlops"
    wanted[os.environ["PASSWORD_KEY"]] = secrets.token_urlsafe(24)

try:
    found = call("GET", SECRETS + "/" + NAME)
    there = found.get("data") or {}
except urllib.error.HTTPError as error:
    if error.code != 404:
        sys.exit("cannot read the Secret %s: %s" % (NAME, error))
    there = None

if there is None:
    data = {key: encoded(text) for key, text in wanted.items()}
    labels = json.loads(os.environ["LABELS"])
    metadata = {"name": NAME, "labels": labels}
    call("POST", SECRETS, {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data})
    print("made %s: %s" % (NAME, ", ".join(sorted(data))))
else:
    data = {key: encoded(text) for key, text in wanted.items() if not there.get(key)}
    if data:
        # Of the version that was read: whoever was faster is not overwritten, and the Job tries again.
        version = {"resourceVersion": found["metadata"]["resourceVersion"]}
        patch = {"metadata": version, "data": data}
        call("PATCH", SECRETS + "/" + NAME, patch, "application/merge-patch+json")
    print("kept %s; added: %s" % (NAME, ", ".join(sorted(data)) or "nothing"))
