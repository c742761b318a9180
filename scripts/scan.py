#!/usr/bin/env python3
"""Scans the chart with checkov and kube-score, for the defaults and the presets seed and production.

Each finding must have its answer in the table of docs/security.md, and each answer must be to a finding: the table is
the scanners' configuration, and what it does not know fails.

    pip install checkov==3.3.30
    GOBIN=$PWD/target/bin go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0
    scripts/scan.py

HELM, CHECKOV and KUBE_SCORE name the programs, where they are not on the PATH.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRESETS = {"defaults": [], "seed": ["-f", "values/seed.yaml"], "production": ["-f", "values/production.yaml"]}


def run(variable: str, program: str, *arguments: str) -> str:
    command = [os.environ.get(variable, program), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if not done.stdout:
        sys.exit(f"{command}: {done.stderr}")
    return done.stdout


def component(kind: str, name: str) -> str:
    """The part of the stack that an object of a finding belongs to."""
    if found := re.search(r"component-(\w+)", name):
        return found[1]
    by_kind = {"Deployment": "server", "Service": "server", "StatefulSet": "postgres"}
    # What runs once is called after what it does: mlflow-test, mlflow-generator, mlflow-upgrade-check.
    return by_kind.get(kind) or name.removesuffix("-check").rsplit("-", 1)[-1]


def checkov(manifest: str) -> set:
    # Its findings are those of its own version: nothing is fetched.
    flags = ["--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "--output", "json"]
    failed = json.loads(run("CHECKOV", "checkov", "--file", manifest, *flags))["results"]["failed_checks"]
    objects = ((check["check_id"], check["resource"].split(".", 2)) for check in failed)
    return {(check, component(kind, name)) for check, (kind, _, name) in objects}


def kube_score(manifest: str) -> set:
    report = json.loads(run("KUBE_SCORE", "kube-score", "score", "--kubernetes-version", "v1.33", "-o", "json", manifest))
    return {
        (check["check"]["id"], component(scored["type_meta"]["kind"], scored["object_meta"]["name"]))
        for scored in report
        for check in scored["checks"]
        if not check["skipped"] and check["grade"] < 10
    }


def answered() -> set:
    rows = re.findall(r"^\| `([\w-]+)` \| ([\w, ]+) \| \S.*\|$", (ROOT / "docs/security.md").read_text(), re.M)
    return {(check, part) for check, parts in rows for part in parts.split(", ")}


def main() -> None:
    found = set()
    with tempfile.TemporaryDirectory() as directory:
        for name, flags in PRESETS.items():
            manifest = Path(directory) / f"{name}.yaml"
            manifest.write_text(run("HELM", "helm", "template", "mlflow", "charts-out/mlflow", "-n", "mlflow", *flags))
            for scanner in (checkov, kube_score):
                findings = scanner(str(manifest))
                print(f"{name}: {scanner.__name__} finds {len(findings)}")
                found |= findings
    answers = answered()
    for check, part in sorted(found - answers):
        print(f"no answer in docs/security.md: {check} ({part})")
    for check, part in sorted(answers - found):
        print(f"an answer in docs/security.md that nothing asks for: {check} ({part})")
    if found != answers:
        sys.exit(1)
    print(f"all {len(found)} are answered")


main()
