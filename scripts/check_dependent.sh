#!/usr/bin/env bash
# A crate that depends on the published ones: builds its chart from a copy of examples/custom-stack, and leaves the
# sources of mlflow-kube as they were.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "== what is published"
cargo package --quiet --offline --allow-dirty --no-verify -p chartwright -p mlflow-kube --target-dir "$work/target"
mkdir "$work/sources"
for crate in "$work"/target/package/*.crate; do
    tar -xzf "$crate" -C "$work/sources"
done
engine=$(echo "$work"/sources/chartwright-*)
stack=$(echo "$work"/sources/mlflow-kube-*)
if [ -e "$stack/charts-out" ]; then
    echo "charts-out is in the package: a dependent's build would write into it" >&2
    exit 1
fi
# As in a checkout that Cargo made of a repository: the folder is there, and Cargo's own mark above it.
mkdir "$stack/charts-out"
touch "$work/sources/.cargo-ok"
sums() { (cd "$work/sources" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }
before=$(sums)

echo "== a team's copy of the example"
cp -r examples/custom-stack "$work/team"
rm -r "$work/team/charts-out/team-mlflow"
cp Cargo.lock "$work/team"
cd "$work/team"
sed -i 's|path = "../..", ||' Cargo.toml
printf '\n[patch.crates-io]\nchartwright.path = "%s"\nmlflow-kube.path = "%s"\n' \
    "$engine" "$stack" >> Cargo.toml
env -u CI cargo build --quiet --offline
test -f charts-out/team-mlflow/Chart.yaml

echo "== the sources"
[ "$(sums)" = "$before" ] || { echo "the build changed the sources of its dependencies" >&2; exit 1; }
echo "unchanged, and the chart is that of the repository"
diff -r charts-out "$OLDPWD/examples/custom-stack/charts-out"
