# What a user does first: logs a run, a metric and an artifact, and registers a model; then reads it
# all back, and asks what the web page asks.
import json
import os
import urllib.request
import uuid

import mlflow


URL = os.environ["MLFLOW_TRACKING_URI"]


def as_browser(experiment):
    """The search for runs as the page makes it: a browser says from which page a request is, and MLflow
    answers 403 to pages that it does not know."""
    headers = {"Content-Type": "application/json", "Origin": URL}
    body = json.dumps({"experiment_ids": [experiment], "max_results": 1}).encode()
    request = urllib.request.Request(URL + "/ajax-api/2.0/mlflow/runs/search", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["runs"]


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


name = "helm-test-" + uuid.uuid4().hex[:8]
client = mlflow.MlflowClient()
experiment = mlflow.set_experiment(name)
try:
    with mlflow.start_run() as run:
        mlflow.log_metric("accuracy", 0.5)
        mlflow.log_text("hello", "note.txt")
        mlflow.pyfunc.log_model(
            name="model", python_model=Echo(), registered_model_name=name, pip_requirements=["mlflow"])
    assert client.get_run(run.info.run_id).data.metrics == {"accuracy": 0.5}
    assert mlflow.artifacts.load_text("runs:/%s/note.txt" % run.info.run_id) == "hello"
    versions = [version.version for version in client.search_model_versions("name = '%s'" % name)]
    assert [str(version) for version in versions] == ["1"], versions
    assert len(as_browser(experiment.experiment_id)) == 1
    print("logged a run, a metric and an artifact, and registered a model: all of it was read back")
finally:
    client.delete_experiment(experiment.experiment_id)
    if client.search_registered_models("name = '%s'" % name):
        client.delete_registered_model(name)
