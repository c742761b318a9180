//! Where artifacts are kept: a volume, or S3.

use super::names::{Component, Map, Names};
use super::pod::{aws_keys, env, env_from_secret};
use crate::values::{AccessMode, ArtifactStore, S3, S3Access, S3Credentials, Values};
use chartwright::{Val, When};
use k8s_openapi::api::core::v1::{
    EnvVar, PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimVolumeSource, Volume, VolumeMount,
    VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// Where the volume is mounted.
const PATH: &str = "/var/lib/mlflow/artifacts";
const VOLUME: &str = "artifacts";

/// The artifact store's own objects.
#[derive(Clone, Debug)]
pub struct Artifacts {
    /// The claim of the volume, where artifacts are on one and it is not there already.
    pub claim: When<PersistentVolumeClaim>,
}

impl Artifacts {
    /// The store that the values describe.
    pub fn new(v: &Values, names: &Names) -> Self {
        let pvc = &v.artifacts.pvc;
        let made = v.artifacts.kind.is(ArtifactStore::Pvc) & !pvc.existing_claim.is_not_empty();
        let claim = made.when(|| PersistentVolumeClaim {
            metadata: ObjectMeta {
                // Models outlive a release.
                annotations: Some(Map::from([("helm.sh/resource-policy".into(), "keep".into())])),
                ..names.meta(&names.artifacts, Component::Server)
            },
            spec: Some(PersistentVolumeClaimSpec {
                access_modes: Some(vec![pvc.access_mode.select(|mode| {
                    String::from(match mode {
                        AccessMode::ReadWriteOnce => "ReadWriteOnce",
                        AccessMode::ReadWriteMany => "ReadWriteMany",
                    })
                })]),
                resources: Some(VolumeResourceRequirements {
                    requests: Some(BTreeMap::from([("storage".into(), pvc.size.get())])),
                    ..VolumeResourceRequirements::default()
                }),
                storage_class_name: pvc.storage_class.non_empty(),
                ..PersistentVolumeClaimSpec::default()
            }),
            ..PersistentVolumeClaim::default()
        });
        Self { claim }
    }
}

/// Whether artifacts are on a volume that one node at a time can mount.
pub(super) fn on_one_node(v: &Values) -> Val<bool> {
    v.artifacts.kind.is(ArtifactStore::Pvc) & v.artifacts.pvc.access_mode.is(AccessMode::ReadWriteOnce)
}

/// The server's environment for the store.
pub(super) fn server_env(v: &Values, names: &Names) -> Vec<EnvVar> {
    v.artifacts.kind.select(|kind| match kind {
        ArtifactStore::Pvc => vec![env("MLFLOW_ARTIFACTS_DESTINATION", PATH)],
        ArtifactStore::S3 => {
            let mut list = vec![v.artifacts.s3.access.select(|access| match access {
                S3Access::Proxied => root(v, names, "MLFLOW_ARTIFACTS_DESTINATION"),
                S3Access::Direct => root(v, names, "MLFLOW_DEFAULT_ARTIFACT_ROOT"),
            })];
            list.extend(s3_client(v, names));
            list
        }
    })
}

/// The environment of a client of the server, which needs something only where it talks to S3 itself.
pub(super) fn client_env(v: &Values, names: &Names) -> Vec<EnvVar> {
    let direct = v.artifacts.kind.is(ArtifactStore::S3) & v.artifacts.s3.access.is(S3Access::Direct);
    direct.choose(|| s3_client(v, names), Vec::new)
}

fn root(v: &Values, names: &Names, variable: &str) -> EnvVar {
    let s3 = &v.artifacts.s3;
    s3.uri.is_not_empty().choose(
        || env(variable, s3.uri.get()),
        || env_from_secret(variable, &names.credentials, v.credentials.keys.s3_artifact_root.get()),
    )
}

fn s3_client(v: &Values, names: &Names) -> Vec<EnvVar> {
    names.release().block(
        "s3Env",
        "What a client of S3 needs: keys, where they come from the Secret, and address and region, where they are set.",
        || s3_variables(v, names),
    )
}

fn s3_variables(v: &Values, names: &Names) -> Vec<EnvVar> {
    let s3: &S3 = &v.artifacts.s3;
    let mut list = s3.credentials.select(|credentials| match credentials {
        S3Credentials::Secret => aws_keys(&names.credentials, &v.credentials.keys),
        S3Credentials::Ambient => Vec::new(),
    });
    list.extend(
        s3.endpoint
            .is_not_empty()
            .then(|| env("MLFLOW_S3_ENDPOINT_URL", s3.endpoint.get())),
    );
    list.extend(
        s3.region
            .is_not_empty()
            .then(|| env("AWS_DEFAULT_REGION", s3.region.get())),
    );
    list
}

/// The volume, where there is one.
pub(super) fn volume(v: &Values, names: &Names) -> Option<Volume> {
    v.artifacts.kind.is(ArtifactStore::Pvc).then(|| Volume {
        name: VOLUME.into(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: names.artifacts.get(),
            ..PersistentVolumeClaimVolumeSource::default()
        }),
        ..Volume::default()
    })
}

/// Its mount.
pub(super) fn volume_mount(v: &Values) -> Option<VolumeMount> {
    v.artifacts
        .kind
        .is(ArtifactStore::Pvc)
        .then(|| super::pod::mount(VOLUME, PATH))
}
