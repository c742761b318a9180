//! The server's role in the chart's Postgres: what it cannot do, and that nobody comes in before there is one.

use crate::bench::Bench;
use crate::client::Client;
use crate::command::{Outcome, Said, ensure};
use crate::kube;
use crate::release::Release;
use serde_json::json;

const SECRET: &str = "account";
const POD: &str = "mlflow-postgres-0";
/// With every character that SQL and pg_hba.conf could mistake for their own.
const USER: &str = r#"all"'; \ü, :user"#;
const PASSWORD: &str = "first line\n'second' \"line\" \\ :password $$ ü한";
/// Postgres keeps such names to itself, so the setup fails half way, as if its pod had been killed.
const RESERVED: &str = "pg_mlops";
const ADVICE: &str = "kubectl exec mlflow-postgres-0 -- /docker-entrypoint-initdb.d/setup_database.sh";

/// Whoever takes the server over has MLflow's tables, and not the database's server, nor its pod.
pub fn least_privilege(bench: &Bench) -> Outcome {
    let pods = kube::pods_of(bench, "server")?;
    let pod = pods
        .iter()
        .find(|pod| pod.serving())
        .ok_or("no pod of the server is ready")?;
    let python = ["exec", "-i", &pod.name, "-c", "mlflow", "--", "python", "-"];
    let refused = bench.kubectl(python).input(include_str!("role.py")).text()?;
    bench.step(&format!(
        "the server's role is refused {} attempts, each for what it is",
        refused.lines().count()
    ));
    Ok(())
}

/// A setup that ends half way leaves a database that lets nobody in; it is finished as the advice says.
pub fn test(bench: &Bench) -> Outcome {
    account(bench, RESERVED)?;
    let release = Release::new(bench, "mlflow", &["--set", "credentials.source=existingSecret"]);
    let release = release.with(&["--set", "credentials.existingSecret=account"]);
    release.begin()?;
    kube::wait_for_message(bench, ADVICE)?;
    bench.step("the setup failed: nobody is let in, and the pod's message says what to do");
    let log = password_is_not_logged(bench, &["--previous"])?;
    ensure(log.contains("is reserved"), || {
        format!("the log before the restart does not say why the setup failed:\n{log}")
    })?;
    let said = finish(bench)?;
    ensure(!said.success && said.err.contains("is reserved"), || {
        format!("the setup can only fail, and must say why:\n{}\n{}", said.out, said.err)
    })?;

    bench.step("the Secret is corrected, and it is done as told");
    account(bench, USER)?;
    bench.kubectl(["delete", "pod", POD]).text()?;
    kube::wait(bench, "Postgres is back", || {
        Ok(kube::pods_of(bench, "postgres")?.iter().any(kube::Pod::serving))
    })?;
    let said = finish(bench)?;
    ensure(said.success, || {
        format!("the setup failed:\n{}\n{}", said.out, said.err)
    })?;
    kube::wait(bench, "the server starts by itself", || {
        Ok(kube::pods_of(bench, "server")?.iter().any(kube::Pod::serving))
    })?;
    password_is_not_logged(bench, &[])?;
    least_privilege(bench)?;
    Client::new(bench)?.log().map(drop)
}

/// The Secret, with this user.
fn account(bench: &Bench, user: &str) -> Outcome {
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": SECRET },
        "stringData": { "POSTGRES_USER": user, "POSTGRES_PASSWORD": PASSWORD },
    });
    let apply = ["apply", "--server-side", "--filename", "-"];
    bench.kubectl(apply).input(secret.to_string()).text().map(drop)
}

fn finish(bench: &Bench) -> Outcome<Said> {
    let args = ADVICE.split(' ').skip(1);
    bench.kubectl(args).said()
}

/// Neither whole, nor line by line; the log itself.
fn password_is_not_logged(bench: &Bench, which: &[&str]) -> Outcome<String> {
    let logs = ["logs", POD].iter().chain(which).copied();
    let log = bench.kubectl(logs).text()?;
    ensure(!PASSWORD.lines().any(|line| log.contains(line)), || {
        format!("the password is in the log of Postgres:\n{log}")
    })?;
    Ok(log)
}
