"""Opens MLflow's pages in a real browser, Chromium without a window, and looks for what the client logged.

    browser.py URL RUN FOLDER    RUN is one of `client.py URL log`; a picture of each page is written to FOLDER

Chromium is `chromium`, or the program that CHROMIUM names. It ends with status 1 when a page does not show what it
should.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

URL, RUN, FOLDER = sys.argv[1:]
CHROMIUM = os.environ.get("CHROMIUM", "chromium")


def pages():
    """Name, address, and texts that the page must show."""
    with urllib.request.urlopen(f"{URL}/api/2.0/mlflow/runs/get?run_id={RUN}", timeout=60) as answer:
        run = json.load(answer)["run"]
    experiment, name = run["info"]["experiment_id"], run["info"]["run_name"]
    return [
        ("experiments", "/#/experiments", ["end-to-end"]),
        ("runs", f"/#/experiments/{experiment}/runs", [name]),
        ("run", f"/#/experiments/{experiment}/runs/{RUN}", [name, "accuracy", "max_iter"]),
        ("charts", f"/#/experiments/{experiment}/runs/{RUN}/model-metrics", [name, "accuracy", "loss"]),
        ("artifacts", f"/#/experiments/{experiment}/runs/{RUN}/artifacts", ["blob.bin", "notes"]),
        ("model", "/#/models/IrisModel", ["IrisModel", "Version 3"]),
    ]


def chromium(*arguments):
    """What it prints."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--no-first-run", "--no-proxy-server", f"--user-data-dir={profile}", "--window-size=1280,800",
            # Until the page has made its requests, however slow this machine is.
            "--virtual-time-budget=30000", *arguments,
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=170, text=True)
    if done.returncode:
        sys.exit(f"browser.py: {' '.join(command)}: status {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def shown(page):
    """The page's text, without its code."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


os.makedirs(FOLDER, exist_ok=True)
for name, path, wanted in pages():
    start = time.monotonic()
    text = shown(chromium("--dump-dom", URL + path))
    missing = [it for it in wanted if it not in text]
    picture = os.path.join(FOLDER, f"{name}.png")
    chromium(f"--screenshot={picture}", URL + path)
    if missing:
        sys.exit(f"browser.py: {path} does not show {missing}; see {picture}. It shows: {text[:1500]}")
    print(f"{name}: shows {', '.join(wanted)}; {os.path.getsize(picture) // 1024} KiB; {time.monotonic() - start:.0f} s",
          flush=True)
