//! Nothing secret is where anyone but the pods can read it: no arguments, no plain variables, no manifests.

use chartwright::{ReleaseInfo, values::Inputs};
use serde_json::Value as Json;

/// What must not be seen. Not a word of the chart's own.
const PASSWORD: &str = "Zq7-very-secret";

#[test]
fn presets_have_no_secret() {
    let chart = mlflow_kube::chart();
    let mut all = vec![("defaults".to_owned(), String::new())];
    all.extend(chart.presets().iter().cloned());
    for (name, text) in all {
        for object in render(&text, &[]) {
            assert_ne!(
                object["kind"], "Secret",
                "{name}: a Secret is in the release's manifest"
            );
            secrets_come_by_reference(&name, &object);
        }
    }
}

/// Where the values have the password, it is in one Secret, and nowhere else.
#[test]
fn values_are_in_one_secret() {
    let set = [
        "credentials.source=values",
        &format!("credentials.values.postgresPassword={PASSWORD}"),
        &format!("credentials.values.awsAccessKeyId={PASSWORD}"),
        &format!("credentials.values.awsSecretAccessKey={PASSWORD}"),
        "artifacts.kind=s3,artifacts.s3.uri=s3://bucket",
    ];
    let objects = render("", &set);
    let with: Vec<&Json> = objects
        .iter()
        .filter(|object| object.to_string().contains(PASSWORD))
        .map(|object| &object["kind"])
        .collect();
    assert_eq!(with, ["Secret"]);
    objects
        .iter()
        .for_each(|object| secrets_come_by_reference("values", object));
}

fn render(preset: &str, set: &[&str]) -> Vec<Json> {
    let inputs = Inputs {
        set: set.iter().map(|text| (*text).to_owned()).collect(),
        ..Inputs::file("preset", preset)
    };
    let rendered = mlflow_kube::chart().render(&inputs, &ReleaseInfo::default()).unwrap();
    rendered.objects.into_iter().map(|object| object.json).collect()
}

/// A variable that is called like a secret takes its value from one, in every container of the object.
fn secrets_come_by_reference(what: &str, object: &Json) {
    match object {
        Json::Object(map) => {
            let name = map.get("name").and_then(Json::as_str).unwrap_or_default();
            let secret = [
                "PASSWORD",
                "PASSPHRASE",
                "SECRET_ACCESS",
                "ACCESS_KEY",
                "ENCRYPTION_KEY",
                "TOKEN",
            ];
            // The generator is told under which key of the Secret the password goes.
            if secret.iter().any(|word| name.contains(word)) && name != "PASSWORD_KEY" {
                let reference = map.get("valueFrom").and_then(|from| from.get("secretKeyRef"));
                assert!(reference.is_some(), "{what}: {name} is written down: {map:?}");
            }
            map.values().for_each(|value| secrets_come_by_reference(what, value));
        }
        Json::Array(items) => items.iter().for_each(|item| secrets_come_by_reference(what, item)),
        _ => {}
    }
}
