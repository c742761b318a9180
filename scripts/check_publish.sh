#!/usr/bin/env bash
# Packages the chart, publishes it to a registry on this machine, and installs from there what was packaged.
#
# The registry is `crane registry serve`; CRANE names the program, if it is not on the PATH:
#   GOBIN=$PWD/target/bin go install github.com/google/go-containerregistry/cmd/crane@v0.22.1
set -euo pipefail
cd "$(dirname "$0")/.."
helm=${HELM:-helm}
work=$(mktemp -d)
trap 'kill "$server" 2> /dev/null; rm -rf "$work"' EXIT
server=

package=$(scripts/package.sh "$work")
echo "packaged: $(basename "$package")"

"${CRANE:-crane}" registry serve --address 127.0.0.1:0 > "$work/log" 2>&1 &
server=$!
for _ in $(seq 50); do
    port=$(sed -n 's/.*serving on port \([0-9]*\).*/\1/p' "$work/log")
    [ -z "$port" ] || break
    sleep 0.1
done
registry=oci://127.0.0.1:${port:?the registry did not start: $(cat "$work/log")}/charts

scripts/publish.sh "$package" "$registry" --plain-http
"$helm" template mlflow "$registry/mlflow" --plain-http > "$work/from-registry" 2> /dev/null
"$helm" template mlflow charts-out/mlflow > "$work/from-folder"
diff "$work/from-folder" "$work/from-registry"
echo "what is installed from the registry is what is in charts-out"

[[ $(scripts/publish.sh "$package" "$registry" --plain-http) == *"published already" ]]
echo "published again: nothing to do"

# refused MESSAGE COMMAND
refused() {
    if said=$("${@:2}" 2>&1) || [[ $said != *"$1"* ]]; then
        echo "not refused: $said" >&2
        exit 1
    fi
}
cp -r charts-out/mlflow "$work/mlflow"
echo "# another" >> "$work/mlflow/values.yaml"
other=$("$helm" package "$work/mlflow" --destination "$work/other")
refused "is another chart" scripts/publish.sh "${other##*: }" "$registry" --plain-http
TAG=v99.0.0 refused "raise the version" scripts/publish.sh "$package" "$registry" --plain-http
echo "another chart under the same version, and a tag of another version: refused"
