#!/usr/bin/env bash
# Packages the committed chart into a folder, and looks at the package as those who install it will: linted, and
# rendered with each preset. Prints the package's path.
#
#   scripts/package.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
helm=${HELM:-helm}
folder=${1:?usage: scripts/package.sh FOLDER}

said=$("$helm" package charts-out/mlflow --destination "$folder")
package=${said##*: }
"$helm" lint --strict --quiet "$package" >&2
"$helm" template mlflow "$package" > /dev/null
for preset in values/*.yaml; do
    "$helm" lint --strict --quiet "$package" --values "$preset" >&2
    "$helm" template mlflow "$package" --values "$preset" > /dev/null
done
echo "$package"
