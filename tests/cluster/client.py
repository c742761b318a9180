"""What a user of MLflow does from outside the cluster; the end-to-end tests run it.

    client.py URL log        logs a run, an artifact and three versions of a model, reads all of it
                             back, and prints the run's id as its last line
    client.py URL read RUN   reads back what an earlier `log` wrote
    client.py URL runs       prints how many runs the server knows, the deleted ones included
    client.py URL version    prints the server's version of MLflow
    client.py URL browser    asks what the web page asks when it is opened in a browser

It ends with status 1 and one line on what differed when something is not as it should be.
"""

import json
import os
import sys
import tempfile
import urllib.error
import urllib.request

URL = sys.argv[1]
MODEL = "IrisModel"
EXPERIMENT = "end-to-end"
NOTE = "grüße, 안녕, 'quotes' and \\backslashes\n"
BLOB = bytes(range(256)) * 8192  # 2 MiB


def expect(what, got, wanted):
    """Ends the program unless the two are equal."""
    if got != wanted:
        sys.exit(f"client.py: {what}: got {got!r}, wanted {wanted!r}")


def trained():
    """A classifier of irises."""
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    features, kinds = load_iris(return_X_y=True)
    return LogisticRegression(max_iter=200).fit(features, kinds), features, kinds


def log():
    """Logs, registers, reads back."""
    import mlflow

    model, features, kinds = trained()
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as run:
        mlflow.log_param("max_iter", 200)
        mlflow.log_metric("accuracy", model.score(features, kinds))
        for step in range(3):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_text(NOTE, "notes/note.txt")
        log_blob()
        logged = mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn"])
    for number in "123":
        version = mlflow.register_model(logged.model_uri, MODEL)
        expect(f"the number of {MODEL}'s new version", str(version.version), number)
    read(run.info.run_id)
    print(run.info.run_id)


def log_blob():
    """A file that takes more than one read to upload."""
    import mlflow

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "blob.bin")
        with open(path, "wb") as blob:
            blob.write(BLOB)
        mlflow.log_artifact(path)


def read(run_id):
    """Everything that `log` wrote under this run."""
    import mlflow

    client = mlflow.MlflowClient()
    model, features, kinds = trained()
    run = client.get_run(run_id)
    expect("the run's status", run.info.status, "FINISHED")
    expect("the run's parameters", run.data.params, {"max_iter": "200"})
    expect("the run's accuracy", run.data.metrics.get("accuracy"), model.score(features, kinds))
    losses = [metric.value for metric in client.get_metric_history(run_id, "loss")]
    expect("the losses", losses, [1.0, 1 / 2, 1 / 3])
    expect("the note", mlflow.artifacts.load_text(f"runs:/{run_id}/notes/note.txt"), NOTE)
    with open(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/blob.bin"), "rb") as blob:
        expect("the blob is as it was", blob.read() == BLOB, True)
    found = client.search_model_versions(f"name = '{MODEL}'")
    versions = {str(v.version): v.status for v in found}
    expect(f"the versions of {MODEL}", versions, dict.fromkeys("123", "READY"))
    loaded = mlflow.sklearn.load_model(f"models:/{MODEL}/3")
    expect("the loaded model's predictions", list(loaded.predict(features)), list(model.predict(features)))


def runs():
    """The number of runs in all experiments."""
    import mlflow
    from mlflow.entities import ViewType

    client = mlflow.MlflowClient()
    experiments = client.search_experiments(view_type=ViewType.ALL)
    print(len(client.search_runs([e.experiment_id for e in experiments], run_view_type=ViewType.ALL)))


def version():
    """The version that the server says it is."""
    print(ask(URL + "/version")[1])


def browser():
    """The page, and the requests that it makes: they carry the page's origin."""
    expect("GET /", ask(URL + "/")[0], 200)
    search = URL + "/ajax-api/2.0/mlflow/runs/search"
    body = {"experiment_ids": ["0"], "max_results": 1}
    status, text = ask(search, body, {"Origin": URL})
    expect(f"POST runs/search with Origin: {URL}", (status, text if status != 200 else ""), (200, ""))
    foreign = "http://another.example"
    expect(f"POST runs/search with Origin: {foreign}", ask(search, body, {"Origin": foreign})[0], 403)


def ask(url, body=None, headers=None):
    """The status and the text of an answer, whatever the status is."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json", "User-Agent": "Mozilla/5.0", **(headers or {})}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


if __name__ == "__main__":
    # The server that is asked is the one named, whatever this machine is set up for; and a server
    # that does not answer is a failure, not something to wait minutes for.
    os.environ.update(
        MLFLOW_TRACKING_URI=URL,
        MLFLOW_HTTP_REQUEST_TIMEOUT="60",
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="2",
        NO_PROXY="*",
    )
    os.environ.pop("MLFLOW_REGISTRY_URI", None)
    {"log": log, "read": read, "runs": runs, "version": version, "browser": browser}[sys.argv[2]](*sys.argv[3:])
