"""Opens MLflow's pages in a real browser, Chromium without a window, and waits for what the client logged.

    browser.py URL RUN FOLDER    RUN is one of `client.py URL log`; a picture of each page is written to FOLDER

Chromium is `chromium`, or the program that CHROMIUM names; it is told what to do through a pipe, by its DevTools
protocol. It ends with status 1 when a page does not show what it should.
"""

import base64
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

URL, RUN, FOLDER = sys.argv[1:]
CHROMIUM = os.environ.get("CHROMIUM", "chromium")
PATIENCE = 60  # seconds for a page


def pages():
    """Name, address, texts that the page must show, and how many of what it must have drawn."""
    with urllib.request.urlopen(f"{URL}/api/2.0/mlflow/runs/get?run_id={RUN}", timeout=60) as answer:
        run = json.load(answer)["run"]
    name, run = run["info"]["run_name"], f"/#/experiments/{run['info']['experiment_id']}/runs/{RUN}"
    return [
        ("experiments", "/#/experiments", ["end-to-end"], 0),
        ("run", run, [name, "accuracy", "0.97333", "max_iter", "Finished", "IrisModel"], 0),
        ("charts", run + "/model-metrics", [name, "accuracy", "loss"], 2),
        ("artifacts", run + "/artifacts", ["blob.bin", "notes"], 0),
        ("model", "/#/models/IrisModel", ["IrisModel", "Version 3"], 0),
    ]


class Browser:
    """Chromium with one page."""

    def __init__(self, profile):
        ours, self.commands = os.pipe()
        self.answers, theirs = os.pipe()

        def as_it_expects():
            # It reads commands from file 3 and writes answers to file 4; out of the way of those first.
            ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (ours, theirs)]
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--no-proxy-server", "--remote-debugging-pipe", f"--user-data-dir={profile}",
             "--window-size=1280,800"],
            preexec_fn=as_it_expects, pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ours)
        os.close(theirs)
        self.number, self.unread, self.session = 0, b"", None
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def tell(self, method, **parameters):
        """The result of a command; what happens meanwhile is not looked at."""
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while True:
            while b"\0" not in self.unread:
                more = os.read(self.answers, 1 << 16)
                if not more:
                    sys.exit(f"browser.py: {CHROMIUM} ended")
                self.unread += more
            line, self.unread = self.unread.split(b"\0", 1)
            answer = json.loads(line)
            if answer.get("id") == self.number:
                return answer.get("result", {})

    def value(self, script):
        """What a script is, on the page."""
        return self.tell("Runtime.evaluate", expression=script, returnByValue=True).get("result", {}).get("value")

    def close(self):
        self.process.terminate()
        self.process.wait(20)


def visit(browser, name, path, wanted, drawn):
    """Waits until the page shows what it should, and takes its picture."""
    start = time.monotonic()
    browser.tell("Page.navigate", url="about:blank")
    browser.tell("Page.navigate", url=URL + path)
    while True:
        text = browser.value("document.body ? document.body.innerText : ''") or ""
        charts = browser.value("document.querySelectorAll('.js-plotly-plot .main-svg').length") or 0
        missing = [it for it in wanted if it not in text]
        late = time.monotonic() - start > PATIENCE
        if late or not missing and charts >= drawn:
            break
        time.sleep(0.3)
    seconds = time.monotonic() - start
    time.sleep(1)  # what moves comes to rest
    picture = os.path.join(FOLDER, f"{name}.png")
    with open(picture, "wb") as file:
        file.write(base64.b64decode(browser.tell("Page.captureScreenshot")["data"]))
    if late:
        sys.exit(f"browser.py: {path} does not show {missing or 'its charts'}; see {picture}. It shows: {text[:1500]}")
    print(f"{name}: shows {', '.join(wanted)}" + (", and charts" if drawn else "") + f", after {seconds:.0f} s", flush=True)


os.makedirs(FOLDER, exist_ok=True)
with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
    chrome = Browser(profile)
    try:
        for page in pages():
            visit(chrome, *page)
    finally:
        chrome.close()
