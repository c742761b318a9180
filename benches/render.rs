//! How fast the chart renders: natively, by Helm, and by Helm a chart of one ConfigMap beside it.
//!
//! Prints medians and ratios: `cargo bench --bench render`. What is compared takes turns, so that a busy machine slows
//! all alike.

#![allow(missing_docs)]

use chartwright::{ReleaseInfo, testing::helm, values::Inputs};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const ROUNDS: usize = 30;

fn main() {
    let chart = mlflow_kube::chart();
    let render = || chart.render(&Inputs::default(), &ReleaseInfo::default()).unwrap();
    render(); // the schema is compiled once
    let trivial = tempfile::tempdir().unwrap();
    write_trivial(trivial.path());
    let bare = tempfile::tempdir().unwrap();
    chart.trace().unwrap().write(bare.path()).unwrap();
    fs::remove_file(bare.path().join("values.schema.json")).unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts-out/mlflow");

    let mut times = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        times[0].push(
            time(|| {
                (0..10).for_each(|_| drop(render()));
            }) / 10,
        );
        for (i, path) in [&ours, bare.path(), trivial.path()].into_iter().enumerate() {
            times[i + 1].push(time(|| template(path)));
        }
    }
    let [native, helm, without_schema, one_map] = times.map(median);
    println!("the defaults, natively                       {native:>12.2?}");
    println!("the defaults, helm template                  {helm:>12.2?}");
    println!("  the same without values.schema.json        {without_schema:>12.2?}");
    println!("a chart of one ConfigMap, helm template      {one_map:>12.2?}");
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "native rendering is                          {:>11.0}x as fast as helm template",
        ratio(helm, native)
    );
    println!(
        "helm template takes                          {:>11.2}x as long as for one ConfigMap",
        ratio(helm, one_map)
    );
    println!(
        "  without the schema                         {:>11.2}x",
        ratio(without_schema, one_map)
    );
}

fn template(chart: &Path) {
    let output = helm::run(["template".as_ref(), "bench".as_ref(), chart.as_os_str()]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn write_trivial(to: &Path) {
    fs::create_dir_all(to.join("templates")).unwrap();
    fs::write(to.join("Chart.yaml"), "apiVersion: v2\nname: trivial\nversion: 0.1.0\n").unwrap();
    fs::write(to.join("values.yaml"), "greeting: hello\n").unwrap();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: \
               {{ .Values.greeting | quote }}\n";
    fs::write(to.join("templates/configmap.yaml"), map).unwrap();
}
