#!/usr/bin/env python3
"""Follows the README's "Add a setting" to the letter, in a copy of the repository, and shows what changes in the chart."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = "progress_deadline_seconds: 600.into(),\n"


def put_after(path: Path, beginning: str, text: str) -> None:
    """Puts a text behind the one place in a file that reads like this."""
    source = path.read_text()
    found = re.findall(beginning, source)
    if len(found) != 1:
        sys.exit(f"{path}: {beginning!r} is there {len(found)} times, not once")
    path.write_text(source.replace(found[0], found[0] + text))


def build(copy: Path) -> subprocess.CompletedProcess:
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    environment = {**os.environ, "CARGO_TARGET_DIR": target}
    environment.pop("CI", None)  # under which a build leaves charts-out alone
    return subprocess.run(
        ["cargo", "build", "--quiet", "--offline", "--lib"], cwd=copy, env=environment, capture_output=True, text=True
    )


def main() -> None:
    block = re.search(r"## Add a setting.*?```rust,ignore\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    field, use = re.fullmatch(r"// src/values.rs.*?\n(.*?)\n\n// src/stack/server.rs.*?\n(.*?)\n", block, re.S).groups()
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in listed.splitlines():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)

        values = copy / "src/values.rs"
        put_after(values, r"pub struct Server \{\n", field + "\n")
        put_after(values, r"impl Default for Server \{\n    fn default\(\) -> Self \{\n        Self \{\n", DEFAULT)
        unused = build(copy)
        if unused.returncode == 0 or "server.progressDeadlineSeconds: no template uses" not in unused.stderr:
            sys.exit(f"a setting that no template uses is not refused:\n{unused.stderr}")

        put_after(copy / "src/stack/server.rs", r"    DeploymentSpec \{\n", use + "\n")
        done = build(copy)
        if done.returncode != 0:
            sys.exit(f"the README's setting does not build:\n{done.stderr}")
        changed = subprocess.run(
            ["diff", "-ru", ROOT / "charts-out/mlflow", copy / "charts-out/mlflow"], capture_output=True, text=True
        ).stdout
        for expected in [
            "\n+  progressDeadlineSeconds: 600\n",
            "\n+  progressDeadlineSeconds: {{ int64 .Values.server.progressDeadlineSeconds }}\n",
            '"progressDeadlineSeconds":',
        ]:
            if expected not in changed:
                sys.exit(f"the chart does not have {expected!r}:\n{changed}")
        print("\n".join(line for line in changed.splitlines() if re.match(r"[+-](?![+-]{2}|\{)", line)))


main()
