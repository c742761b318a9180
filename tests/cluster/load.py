"""A steady stream of requests, none of which is ever repeated; the end-to-end tests run it.

    load.py URL stream [JOURNAL]   asks until standard input ends. Each line of input is answered by a line of JSON:
                                   how many requests there were, what failed, and how long each kind took
    load.py URL verify JOURNAL     reads back every write that the journal says was acknowledged

Half of the workers keep their connection, as MLflow's client does, and half open one for each request, as new
clients do. A worker writes to a run of its own: creates it, logs metrics one by one and in batches, uploads a file,
and reads all of it.
"""

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter

URL = sys.argv[1]
API = URL + "/api/2.0/mlflow/"
ARTIFACTS = URL + "/api/2.0/mlflow-artifacts/artifacts/"
EXPERIMENT = "steady-load"
WORKERS = 6
PAUSE = float(os.environ.get("PAUSE", "0.1"))  # between the requests of a worker
TIMEOUT = 60


class Record:
    """What was asked, and what came of it."""

    def __init__(self, journal=None):
        self.lock = threading.Lock()
        self.seconds = {}
        self.failed = []
        self.failures = 0
        self.journal = open(journal, "a", buffering=1) if journal else None

    def request(self, kind, seconds, error=None):
        with self.lock:
            self.seconds.setdefault(kind, []).append(seconds)
            if error:
                self.failures += 1
                if len(self.failed) < 10:
                    self.failed.append(f"{time.strftime('%H:%M:%S')} {kind}, after {seconds:.2f} s: {error}")

    def acknowledged(self, **write):
        if self.journal:
            with self.lock:
                self.journal.write(json.dumps(write) + "\n")

    def summary(self):
        with self.lock:
            kinds = {kind: figures(seconds) for kind, seconds in sorted(self.seconds.items())}
            total = sum(map(len, self.seconds.values()))
            return {"requests": total, "failures": self.failures, "failed": self.failed, "kinds": kinds}


def figures(seconds):
    """The number, the median and the 95th percentile in milliseconds, and the longest."""
    ordered = sorted(seconds)
    at = lambda share: round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))])
    return {"count": len(ordered), "p50": at(0.5), "p95": at(0.95), "max": at(1)}


class Worker:
    """One client."""

    def __init__(self, record, number):
        self.record = record
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount("http://", HTTPAdapter(max_retries=0))
        if number % 2:
            self.session.headers["Connection"] = "close"
        self.run = None

    def ask(self, kind, method, url, **arguments):
        """The answer's content, or nothing when it failed."""
        start = time.monotonic()
        try:
            answer = self.session.request(method, url, timeout=TIMEOUT, **arguments)
            error = None if answer.status_code == 200 else f"{answer.status_code} {answer.text[:200]}"
        except requests.RequestException as problem:
            error = f"{type(problem).__name__}: {problem}"
        self.record.request(kind, time.monotonic() - start, error)
        return None if error else answer.content

    def post(self, kind, path, **body):
        return self.ask(kind, "POST", API + path, json=body)

    def turn(self, experiment, number):
        """One request of each kind, on a run that is new every ten turns."""
        now = int(time.time() * 1000)
        if self.run is None or number % 10 == 0:
            self.run = None
            made = self.post("create a run", "runs/create", experiment_id=experiment, start_time=now)
            yield
            if made is None:
                return
            self.run = json.loads(made)["run"]["info"]["run_id"]
            self.record.acknowledged(run=self.run)
        metric = {"key": "loss", "value": number + 0.5, "timestamp": now, "step": number}
        if self.post("log a metric", "runs/log-metric", run_id=self.run, **metric) is not None:
            self.record.acknowledged(run=self.run, metrics=[metric])
        yield
        batch = [{**metric, "key": f"batch-{key}"} for key in range(10)]
        if self.post("log a batch", "runs/log-batch", run_id=self.run, metrics=batch) is not None:
            self.record.acknowledged(run=self.run, metrics=batch)
        yield
        path = f"{ARTIFACTS}{experiment}/{self.run}/artifacts/file-{number}.txt"
        content = f"{self.run} {number}\n" * 2000
        if self.ask("upload a file", "PUT", path, data=content) is not None:
            self.record.acknowledged(run=self.run, file=path.removeprefix(URL), content=content)
            yield
            self.ask("download a file", "GET", path)
        yield
        self.ask("read a run", "GET", API + "runs/get", params={"run_id": self.run})
        yield
        self.post("search runs", "runs/search", experiment_ids=[experiment], max_results=20)
        yield
        self.ask("list experiments", "GET", API + "experiments/search", params={"max_results": 20})
        yield


def experiment_id():
    """The id of the load's experiment, which is made if need be."""
    found = requests.get(API + "experiments/get-by-name", params={"experiment_name": EXPERIMENT}, timeout=TIMEOUT)
    if found.status_code == 200:
        return found.json()["experiment"]["experiment_id"]
    made = requests.post(API + "experiments/create", json={"name": EXPERIMENT}, timeout=TIMEOUT)
    made.raise_for_status()
    return made.json()["experiment_id"]


def stream(journal=None):
    """Asks until standard input ends."""
    record = Record(journal)
    experiment = experiment_id()
    stop = threading.Event()

    def work(number):
        worker, turn = Worker(record, number), 0
        while not stop.is_set():
            for _ in worker.turn(experiment, turn):
                if stop.wait(PAUSE):
                    return
            turn += 1

    with ThreadPoolExecutor(WORKERS) as pool:
        workers = [pool.submit(work, number) for number in range(WORKERS)]
        for _ in sys.stdin:
            print(json.dumps(record.summary()), flush=True)
        stop.set()
        for worker in workers:
            worker.result()
    print(json.dumps(record.summary()), flush=True)


def verify(journal):
    """Every acknowledged write, read back from the server."""
    runs, files, lost = {}, {}, []
    with open(journal) as lines:
        for write in map(json.loads, lines):
            metrics = runs.setdefault(write["run"], set())
            metrics.update((m["key"], m["step"], m["value"]) for m in write.get("metrics", []))
            if "file" in write:
                files[write["file"]] = write["content"]
    session = requests.Session()
    session.trust_env = False

    def read(run, metrics):
        if session.get(API + "runs/get", params={"run_id": run}, timeout=TIMEOUT).status_code != 200:
            lost.append(f"run {run}")
        for key in sorted({key for key, _, _ in metrics}):
            answer = session.get(
                API + "metrics/get-history", params={"run_id": run, "metric_key": key}, timeout=TIMEOUT)
            history = answer.json().get("metrics", []) if answer.status_code == 200 else []
            there = {(m["key"], int(m.get("step", 0)), m["value"]) for m in history}
            lost.extend(f"run {run}, {metric}" for metric in metrics if metric[0] == key and metric not in there)

    def download(path, content):
        answer = session.get(URL + path, timeout=TIMEOUT)
        if answer.status_code != 200 or answer.text != content:
            lost.append(path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda item: read(*item), runs.items()))
        list(pool.map(lambda item: download(*item), files.items()))
    points = sum(map(len, runs.values()))
    print(json.dumps({"runs": len(runs), "metrics": points, "files": len(files), "lost": len(lost)}))
    if lost:
        sys.exit("acknowledged, but not there: " + "; ".join(lost[:10]))


if __name__ == "__main__":
    {"stream": stream, "verify": verify}[sys.argv[2]](*sys.argv[3:])
