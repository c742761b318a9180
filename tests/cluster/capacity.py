"""What a server carries: requests a second and latency, for each kind of request and more and more clients at a time.

    capacity.py URL FIGURES    measures, shows a table, and writes the figures to a JSON file
    capacity.py plot FIGURES PLOT [TITLE]   draws them (needs matplotlib); PLOT ends in .svg or .png

A client sends its next request when it has the answer to the last, and repeats none.
"""

import json
import sys
import threading
import time

import requests
from requests.adapters import HTTPAdapter

CLIENTS = (1, 2, 4, 8, 16)
LATENCIES = (10, 30, 100, 300, 1000, 3000)
SECONDS = 8
FILE = bytes(range(256)) * 4096  # 1 MiB


class Target:
    """A run on the server, and what is asked of it."""

    def __init__(self, url):
        self.url, self.api = url, url + "/api/2.0/mlflow/"
        name = f"capacity-{time.time():.0f}"
        made = requests.post(self.api + "experiments/create", json={"name": name}, timeout=60).json()
        self.experiment = made["experiment_id"]
        body = {"experiment_id": self.experiment, "start_time": 0}
        run = requests.post(self.api + "runs/create", json=body, timeout=60).json()
        self.run = run["run"]["info"]["run_id"]
        self.kinds = {
            "read a run": self.read,
            "log 100 metrics": self.log,
            "upload 1 MiB": self.upload,
        }

    def read(self, session, number):
        return session.get(self.api + "runs/get", params={"run_id": self.run}, timeout=120)

    def log(self, session, number):
        now = int(time.time() * 1000)
        metrics = [{"key": f"m{key}", "value": number, "timestamp": now, "step": number} for key in range(100)]
        return session.post(self.api + "runs/log-batch", json={"run_id": self.run, "metrics": metrics}, timeout=120)

    def upload(self, session, number):
        place = f"/api/2.0/mlflow-artifacts/artifacts/{self.experiment}/{self.run}/artifacts/{number % 50}.bin"
        return session.put(self.url + place, data=FILE, timeout=120)


def measured(ask, clients):
    """The latencies of all requests that so many clients make within the time, and how many failed."""
    latencies, failed, end = [], [], time.monotonic() + SECONDS

    def client(number):
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", HTTPAdapter(max_retries=0))
        while time.monotonic() < end:
            start, number = time.monotonic(), number + 1
            try:
                good = ask(session, number).status_code == 200
            except requests.RequestException:
                good = False
            (latencies if good else failed).append(time.monotonic() - start)

    threads = [threading.Thread(target=client, args=(n * 1_000_000,)) for n in range(clients)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(latencies), len(failed), time.monotonic() - start


def measure(url, path):
    """All kinds, all numbers of clients."""
    target, rows = Target(url), []
    print(f"{'':>16} {'clients':>7} {'req/s':>7} {'p50 ms':>7} {'p95 ms':>7} {'failed':>7}")
    for kind, ask in target.kinds.items():
        for clients in CLIENTS:
            latencies, failed, seconds = measured(ask, clients)
            at = lambda share: 1000 * latencies[int(share * (len(latencies) - 1))] if latencies else 0.0
            row = {"kind": kind, "clients": clients, "rate": len(latencies) / seconds, "p50": at(0.5), "p95": at(0.95),
                   "failed": failed}
            rows.append(row)
            print(f"{kind:>16} {clients:>7} {row['rate']:>7.1f} {row['p50']:>7.0f} {row['p95']:>7.0f} {failed:>7}",
                  flush=True)
    with open(path, "w") as file:
        json.dump(rows, file, indent=1)


def plot(figures, path, title="One pod"):
    """Requests a second, and latency, over the number of clients."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "capacity", "font.size": 9})
    from matplotlib import pyplot

    with open(figures) as file:
        rows = json.load(file)
    picture, (rate, latency) = pyplot.subplots(1, 2, figsize=(8, 3.2))
    for color, kind in enumerate(dict.fromkeys(row["kind"] for row in rows)):
        mine = [row for row in rows if row["kind"] == kind]
        clients = [row["clients"] for row in mine]
        rate.plot(clients, [row["rate"] for row in mine], "o-", color=f"C{color}", label=kind)
        latency.plot(clients, [row["p50"] for row in mine], "o-", color=f"C{color}")
        latency.plot(clients, [row["p95"] for row in mine], "o:", color=f"C{color}", markersize=3)
    for axis, name in (rate, "requests a second"), (latency, "latency in ms: p50, dotted p95"):
        axis.set(xlabel="clients at a time", title=name, xscale="log")
        axis.set_xticks(CLIENTS, [str(number) for number in CLIENTS])
        axis.minorticks_off()
        axis.grid(alpha=0.3, which="both")
    rate.set_ylim(bottom=0)
    latency.set_yscale("log")
    latency.set_yticks(LATENCIES, [str(number) for number in LATENCIES])
    rate.legend(frameon=False, loc="upper left")
    picture.suptitle(title)
    picture.tight_layout()
    picture.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None)


if __name__ == "__main__":
    plot(*sys.argv[2:]) if sys.argv[1] == "plot" else measure(*sys.argv[1:])
