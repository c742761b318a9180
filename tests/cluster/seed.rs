//! What the seed preset builds on: a Secret made from an .env file, and an S3 server.

use crate::bench::Bench;
use crate::command::{Outcome, ensure};
use crate::kube::{self, text};
use crate::tools::project;
use std::fs;
use std::path::Path;

/// Every character that has a meaning to a shell, a URL, YAML or an INI file, and some that are not ASCII.
const PASSWORD: &str = r#"p@:/%#?' "ue[]&=+$\!ü한"#;

/// The seed preset.
#[derive(Debug)]
pub struct Preset {
    /// Its file.
    pub path: String,
    /// The Secret that it expects.
    pub secret: String,
}

/// The preset, as it is in the project.
pub fn preset() -> Outcome<Preset> {
    let path = project().join("values/seed.yaml");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let secret = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("existingSecret:"));
    let secret = secret.map(|name| name.split('#').next().unwrap_or_default().trim().trim_matches('"'));
    match secret {
        Some(name) if !name.is_empty() => Ok(Preset {
            path: path.display().to_string(),
            secret: name.into(),
        }),
        _ => Err(format!("{} names no existingSecret", path.display())),
    }
}

/// The Secret of the preset, and the same again for the S3 server, made as a user makes them.
pub fn credentials(bench: &Bench, preset: &Preset) -> Outcome {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seed.env");
    let lines = format!(
        "# Made by the test: the account of the S3 server, and that of the database.\n\
         AWS_ACCESS_KEY_ID=end-to-end-access\n\
         AWS_SECRET_ACCESS_KEY=end+to/end=secret\n\
         MLFLOW_S3_ARTIFACT_ROOT=s3://mlops/artifacts\n\
         POSTGRES_USER=mlops\n\
         POSTGRES_PASSWORD={PASSWORD}\n"
    );
    fs::write(&path, lines).map_err(|error| format!("{}: {error}", path.display()))?;
    let from = format!("--from-env-file={}", path.display());
    for name in [preset.secret.as_str(), "s3-account"] {
        bench.step(&format!(
            "kubectl create secret generic {name} --from-env-file=seed.env"
        ));
        bench.kubectl(["create", "secret", "generic", name, &from]).text()?;
    }
    Ok(())
}

/// The S3 server, with the bucket `mlops`; on this node, or on any.
pub fn s3(bench: &Bench, node: Option<&str>) -> Outcome {
    bench.step("an S3 server");
    let place = node.map(|node| format!("nodeSelector: {{kubernetes.io/hostname: {node}}}"));
    let manifest = include_str!("s3.yaml").replace("nodeSelector: {}", &place.unwrap_or("nodeSelector: {}".into()));
    bench.kubectl(["apply", "--filename", "-"]).input(manifest).text()?;
    let status = ["rollout", "status", "deployment/s3", "--timeout=120s"];
    bench.kubectl(status).within(130).text()?;
    Ok(())
}

/// What the run logged is in the bucket.
pub fn in_bucket(bench: &Bench, run: &str) -> Outcome {
    bench.step("the artifacts are in the bucket");
    let find = ["exec", "deployment/s3", "--", "find", "/data/mlops", "-type", "f"];
    let files = bench.kubectl(find).text()?;
    ensure(
        files
            .lines()
            .any(|file| file.contains(run) && file.ends_with("/notes/note.txt")),
        || format!("run {run}'s notes/note.txt is not in the bucket, which has:\n{files}"),
    )
}

/// There is a HorizontalPodAutoscaler, of a Deployment that exists.
pub fn autoscaler(bench: &Bench) -> Outcome {
    let autoscalers = kube::list(bench, "horizontalpodautoscalers")?;
    ensure(autoscalers.len() == 1, || {
        format!("there are {} autoscalers, not 1", autoscalers.len())
    })?;
    let target = text(&autoscalers[0], "/spec/scaleTargetRef/name");
    bench.step(&format!("an autoscaler of deployment {target}"));
    bench.kubectl(["get", "deployment", target]).text().map(drop)
}
