#!/usr/bin/env bash
# Pushes a package to an OCI registry, once: a version that is there already must be the same chart.
#
#   scripts/publish.sh PACKAGE oci://REGISTRY/PATH [FLAGS OF HELM]
#
# TAG, where it is set, must be v and the chart's version. REGISTRY_USER and REGISTRY_PASSWORD log in.
set -euo pipefail
helm=${HELM:-helm}
package=${1:?usage: scripts/publish.sh PACKAGE oci://REGISTRY/PATH [FLAGS OF HELM]}
registry=${2:?usage: scripts/publish.sh PACKAGE oci://REGISTRY/PATH [FLAGS OF HELM]}
flags=("${@:3}")

field() { "$helm" show chart "$package" | sed -n "s/^$1: *\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p"; }
name=$(field name) version=$(field version)
if [ -n "${TAG:-}" ] && [ "$TAG" != "v$version" ]; then
    echo "the tag is $TAG, and the chart's version $version: raise the version in Cargo.toml, or tag v$version" >&2
    exit 1
fi
if [ -n "${REGISTRY_USER:-}" ]; then
    host=${registry#oci://}
    # Not as an argument, which everyone on this machine could read.
    "$helm" registry login "${host%%/*}" --username "$REGISTRY_USER" --password-stdin <<< "$REGISTRY_PASSWORD"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/ours" "$work/theirs"
pull=("$helm" pull "$registry/$name" --version "$version" --destination "$work/theirs" "${flags[@]}")
if said=$("${pull[@]}" 2>&1); then
    tar -xzf "$package" -C "$work/ours"
    tar -xzf "$work/theirs/$name-$version.tgz" -C "$work/theirs"
    rm "$work/theirs/$name-$version.tgz"
    diff -r "$work/ours" "$work/theirs" >&2 || {
        echo "$name $version is published already, and is another chart: raise the version in Cargo.toml" >&2
        exit 1
    }
    echo "$name $version is published already"
elif [[ $said == *"not found"* || $said == *"NAME_UNKNOWN"* || $said == *"MANIFEST_UNKNOWN"* ]]; then
    "$helm" push "$package" "$registry" "${flags[@]}"
else
    echo "$said" >&2
    exit 1
fi
