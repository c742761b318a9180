//! How the server finds its database.

use super::names::Names;
use super::pod::{env, env_from_secret};
use crate::values::{DatabaseKind, SslMode, Values};
use chartwright::Val;
use k8s_openapi::api::core::v1::EnvVar;

/// The URI has no credentials, and no host either: libpq reads all of it from its own variables, so any password
/// works and none is in an argument. The driver is named because SQLAlchemy's choice depends on its version.
///
/// When the database's node is lost, nobody says so. A connection that gets no answer is given up after half a minute;
/// Linux alone would take a quarter of an hour, or, where nothing is being sent, two hours.
pub(super) const URI: &str = "postgresql+psycopg2:///?keepalives_idle=10&keepalives_interval=5&tcp_user_timeout=30000";

/// libpq's variables.
pub(super) fn env_vars(v: &Values, names: &Names) -> Vec<EnvVar> {
    names.release().block(
        "databaseEnv",
        "The variables from which libpq, the client of Postgres, reads where the database is, and user and password.",
        || libpq(v, names),
    )
}

fn libpq(v: &Values, names: &Names) -> Vec<EnvVar> {
    let external = &v.database.external;
    let keys = &v.credentials.keys;
    let is_external = v.database.kind.is(DatabaseKind::External);
    let mut list = vec![
        env("PGHOST", is_external.pick(&external.host, &names.postgres).get()),
        env(
            "PGPORT",
            is_external.choose(|| number(&external.port), || "5432".to_owned()),
        ),
        env("PGDATABASE", v.database.name.get()),
        env_from_secret("PGUSER", &names.credentials, keys.postgres_user.get()),
        env_from_secret("PGPASSWORD", &names.credentials, keys.postgres_password.get()),
        env("PGCONNECT_TIMEOUT", "10"),
    ];
    list.extend(is_external.then(|| {
        env(
            "PGSSLMODE",
            external.ssl_mode.select(|mode| {
                String::from(match mode {
                    SslMode::Disable => "disable",
                    SslMode::Allow => "allow",
                    SslMode::Prefer => "prefer",
                    SslMode::Require => "require",
                    SslMode::VerifyCa => "verify-ca",
                    SslMode::VerifyFull => "verify-full",
                })
            }),
        )
    }));
    list
}

/// An integer as a string.
pub(super) fn number(value: &Val<i32>) -> String {
    format!("{}", value.get())
}

/// Connections that a pod of the server takes at most: the pool of each worker, and three of the process above them.
pub(super) fn connections_per_pod(v: &Values) -> Val<i32> {
    &v.server.workers * (&v.database.pool.size + &v.database.pool.max_overflow) + 3
}

/// Connections that all pods take at most, one more during a rollout, and ten for tests, people and Postgres itself.
pub(super) fn connections(v: &Values, pods: &Val<i32>) -> Val<i32> {
    (pods + 1) * connections_per_pod(v) + 10
}
