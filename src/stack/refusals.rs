//! Combinations of values that cannot work, each with what to do instead.

use super::artifacts::on_one_node;
use super::database::connections;
use super::names::Names;
use crate::values::{ArtifactStore, CredentialSource, DatabaseKind, S3Credentials, SecretKeys, Values};
use chartwright::{Release, Val};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// Refuses what no schema can refuse.
pub(super) fn refuse(v: &Values, names: &Names, release: &Release) {
    // Kubernetes names Services as hosts of DNS: the first character is a letter, and there are no dots.
    release.refuse_if(
        !names.fullname.matches("^[a-z]([-a-z0-9]*[a-z0-9])?$"),
        "fullnameOverride",
        format!(
            "a Service cannot be called {}, which comes from the release's name: it must begin with a letter, and have \
             nothing but lower-case letters, digits and `-` in it; set fullnameOverride, to mlflow say",
            names.fullname.get()
        ),
    );
    pods(v, release);
    database(v, release);
    credentials(v, release);
}

fn pods(v: &Values, release: &Release) {
    let (server, scaling) = (&v.server, &v.autoscaling);
    let fixed = !&scaling.enabled;
    release.refuse_if(
        on_one_node(v) & &fixed & server.replicas.gt(1),
        "server.replicas",
        format!(
            "{} pods cannot share a ReadWriteOnce volume of artifacts; set artifacts.kind to s3, or \
             artifacts.pvc.accessMode to ReadWriteMany, or server.replicas to 1",
            server.replicas.get()
        ),
    );
    release.refuse_if(
        on_one_node(v) & &scaling.enabled & scaling.max_replicas.gt(1),
        "autoscaling.enabled",
        format!(
            "up to {} pods cannot share a ReadWriteOnce volume of artifacts; set artifacts.kind to s3, or \
             artifacts.pvc.accessMode to ReadWriteMany, or autoscaling.enabled to false",
            scaling.max_replicas.get()
        ),
    );
    // Kubernetes takes a limit for the request where there is only that.
    let cpu = |path| server.resources.part::<Option<Quantity>>(path).is_set();
    let asks = cpu("requests.cpu") | cpu("limits.cpu");
    release.refuse_if(
        &scaling.enabled & !asks,
        "server.resources.requests.cpu",
        "autoscaling is a percentage of the CPU that a pod asks for, and it asks for none; set it, to 500m say, or set \
         autoscaling.enabled to false",
    );
    release.refuse_if(
        &scaling.enabled & scaling.min_replicas.gt(&scaling.max_replicas),
        "autoscaling.minReplicas",
        format!(
            "{} is more than autoscaling.maxReplicas, {}; lower the one or raise the other",
            scaling.min_replicas.get(),
            scaling.max_replicas.get()
        ),
    );
}

fn database(v: &Values, release: &Release) {
    let external = &v.database.external;
    let is_external = v.database.kind.is(DatabaseKind::External);
    let scaling = &v.autoscaling;
    let pods = release.named_number("mostPods", "How many pods of the server there can be.", || {
        scaling.enabled.pick_number(&scaling.max_replicas, &v.server.replicas)
    });
    // Three of them are the superuser's.
    let needed = release.named_number(
        "connectionsNeeded",
        "Connections to the database that all pods can take: one pod more than there can be, for a rollout; in each, \
         those of the pool for every worker, and 3 of the process above them; then 10 for tests, people and Postgres \
         itself, and the 3 that Postgres keeps for its superuser.",
        || connections(v, &pods) + 3,
    );
    release.refuse_if(
        !&is_external & needed.gt(&v.postgres.max_connections),
        "postgres.maxConnections",
        format!(
            "{} pods of the server (server.replicas or autoscaling.maxReplicas) need {} connections, and there are {}; \
             raise it, or run fewer pods or workers, or a smaller database.pool",
            pods.get(),
            needed.get(),
            v.postgres.max_connections.get()
        ),
    );
    let most = external.max_connections.or(0);
    release.refuse_if(
        &is_external & external.max_connections.is_set() & needed.gt(&most),
        "database.external.maxConnections",
        format!(
            "{} pods of the server (server.replicas or autoscaling.maxReplicas) need {} connections, and there are {}; \
             run fewer pods or workers, or a smaller database.pool, or raise it in the database and here",
            pods.get(),
            needed.get(),
            most.get()
        ),
    );
    release.refuse_if(
        &is_external & !external.host.is_not_empty(),
        "database.external.host",
        "an external database needs a host; set it, or set database.kind to embedded",
    );
}

fn credentials(v: &Values, release: &Release) {
    let (credentials, s3) = (&v.credentials, &v.artifacts.s3);
    let source = &credentials.source;
    let is_external = v.database.kind.is(DatabaseKind::External);
    let with_s3 = v.artifacts.kind.is(ArtifactStore::S3);
    let with_keys = &with_s3 & s3.credentials.is(S3Credentials::Secret);
    release.refuse_if(
        source.is(CredentialSource::ExistingSecret) & !credentials.existing_secret.is_not_empty(),
        "credentials.existingSecret",
        "the name of the Secret is missing; set it (kubectl create secret generic NAME --from-env-file=.env makes one), \
         or set credentials.source to generated",
    );
    release.refuse_if(
        source.is(CredentialSource::Values) & !credentials.values.postgres_password.is_not_empty(),
        "credentials.values.postgresPassword",
        "the password is missing; set it, or set credentials.source to generated",
    );
    release.refuse_if(
        source.is(CredentialSource::Values) & !credentials.values.postgres_user.is_not_empty(),
        "credentials.values.postgresUser",
        "the user is missing; set it, or set credentials.source to generated",
    );
    let (keys, standard) = (&credentials.keys, SecretKeys::default());
    let same = |a: &Val<String>, b: &Val<String>| a.is(b.get());
    let renamed = !(same(&keys.postgres_user, &standard.postgres_user)
        & same(&keys.postgres_password, &standard.postgres_password)
        & same(&keys.aws_access_key_id, &standard.aws_access_key_id)
        & same(&keys.aws_secret_access_key, &standard.aws_secret_access_key));
    release.refuse_if(
        source.is(CredentialSource::Values) & renamed,
        "credentials.keys",
        "the Secret that is made from values has the default keys; leave these as they are, or set credentials.source to \
         existingSecret",
    );
    let keys = &credentials.values;
    release.refuse_if(
        source.is(CredentialSource::Values)
            & &with_keys
            & !(keys.aws_access_key_id.is_not_empty() & keys.aws_secret_access_key.is_not_empty()),
        "credentials.values.awsAccessKeyId",
        "the keys of S3 are missing; set awsAccessKeyId and awsSecretAccessKey, or set artifacts.s3.credentials to ambient",
    );
    release.refuse_if(
        source.is(CredentialSource::Generated) & &with_keys,
        "credentials.source",
        "keys of S3 cannot be generated; set it to existingSecret or values, or set artifacts.s3.credentials to ambient",
    );
    release.refuse_if(
        with_s3 & !s3.uri.is_not_empty() & !source.is(CredentialSource::ExistingSecret),
        "artifacts.s3.uri",
        "the bucket is missing; set it to s3://BUCKET, or put it into the Secret of credentials.existingSecret",
    );
    release.refuse_if(
        source.is(CredentialSource::Generated) & is_external,
        "credentials.source",
        "the password of an external database cannot be generated; set it to existingSecret or values",
    );
    release.refuse_if(
        source.is(CredentialSource::Generated) & !&v.generator.enabled,
        "generator.enabled",
        "generated credentials need it; set it to true, or set credentials.source to existingSecret or values",
    );
}
