#!/usr/bin/env python3
"""Trains a model, registers it as a new version of IrisModel, and makes it the champion where it is better.

    MLFLOW_TRACKING_URI=http://localhost:30003 scripts/train_model.py --strength 1

The champion, the version with that alias, is measured again on the same held-out flowers: two numbers of two test sets
would not compare. Services load `models:/IrisModel@champion` and need not know of versions.
"""

import argparse

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

ALIAS = "champion"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiment", default="iris")
    parser.add_argument("--model", default="IrisModel", help="its name in the registry")
    parser.add_argument("--strength", type=float, default=1.0, help="how closely it follows the flowers it learns from")
    parser.add_argument("--commit", default="", help="the commit that the model is made from; kept as a tag")
    options = parser.parse_args()

    flowers, kinds = load_iris(return_X_y=True, as_frame=True)
    # The same split every time, so that models of two days are measured with the same flowers.
    x, x_test, y, y_test = train_test_split(flowers, kinds, test_size=0.4, random_state=1, stratify=kinds)

    mlflow.set_experiment(options.experiment)
    with mlflow.start_run():
        model = LogisticRegression(C=options.strength, max_iter=1000).fit(x, y)
        accuracy = model.score(x_test, y_test)
        mlflow.log_param("strength", options.strength)
        mlflow.log_metric("accuracy", accuracy)
        mlflow.set_tag("commit", options.commit)
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            registered_model_name=options.model,
            signature=infer_signature(x, model.predict(x)),
        )

    client = mlflow.MlflowClient()
    version = info.registered_model_version
    print(f"version {version} of {options.model}: accuracy {accuracy:.3f}")
    champion = champion_of(client, options.model)
    if champion is not None:
        best = mlflow.sklearn.load_model(f"models:/{options.model}/{champion}").score(x_test, y_test)
        print(f"version {champion} is the champion: accuracy {best:.3f}")
        if accuracy <= best:
            print(f"version {champion} stays the champion")
            return
    client.set_registered_model_alias(options.model, ALIAS, version)
    print(f"version {version} is the champion now")


def champion_of(client: mlflow.MlflowClient, model: str) -> str | None:
    """The version that has the alias, if one has."""
    try:
        return client.get_model_version_by_alias(model, ALIAS).version
    except MlflowException as error:
        # A server answers both that there is no such alias, and no such model, in these words.
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


main()
