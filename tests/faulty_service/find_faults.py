#!/usr/bin/env python3
"""Plants faults in a small service and sees whether loadlab names them.

    find_faults.py [--long] [--leaks | --bottlenecks] [FAULT…]

The short form has a run or two of some faults. The long one has, of each leak, 10 seeds of 10 named and of the healthy
service and of what only looks like a leak none; and each bottleneck as the first candidate with the service's own
metrics, and among the first two without. Exit codes: 0 all named · 1 one was not · 77 the programs are not built
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("PROGRAMS", pathlib.Path(__file__).parents[2] / "build/release/bin")).parent
LOADLAB = BUILD / "bin/loadlab"
SERVICE = BUILD / "tests/faulty_service/faulty_service"
SECONDS = 120  # a run takes a sixth of it; more is a hang
AT_ONCE = 3    # leaks don't mind neighbours: a run leaves its machine mostly idle

# Fault: the resources that leak.
LEAKS = {
    "memory_leak": {"memory"},
    "descriptor_leak": {"descriptors"},
    "connection_leak": {"connections", "descriptors"},
}
LOOK_LIKE_LEAKS = ("cache", "sawtooth")
# Fault: the candidate that names it.
BOTTLENECKS = {
    "pool": "pool",
    "lock": "lock",
    "busy_worker": "one worker",
    "disk": "disk",
    "downstream": "downstream",
    "rate_limit": "rate limit",
    "accept_queue": "accept queue",
}

LEAK_PLAN = """\
target: {url}
users: 8
think: 10ms..20ms
duration: 20s
seed: {seed}
watch: [port:{port}]
steps: [GET /]
"""
BOTTLENECK_PLAN = """\
target: {url}
stages:
  - {{duration: 3s, users: 1, ramp: 0s}}
  - {{duration: 6s, users: 24}}
  - {{duration: 6s, users: 24}}
seed: {seed}
drain: 2s
watch: [{watch}]
steps: [GET /]
"""


class Service:
    """A faulty service on a port of its own, ended with the block."""

    def __init__(self, fault, seed, metrics=True):
        arguments = [SERVICE, "--fault", fault, "--seed", str(seed), "--metrics" if metrics else "--no-metrics"]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def play(plan):
    """The summary of the plan's only test."""
    with tempfile.TemporaryDirectory(prefix="faults ") as folder:
        path = pathlib.Path(folder)
        (path / "plan.yaml").write_text(plan, encoding="utf-8")
        said = subprocess.run([LOADLAB, "run", path / "plan.yaml", "--quiet", "--json", path / "summary.json"],
                              capture_output=True, text=True, timeout=SECONDS)
        if not (path / "summary.json").exists():
            raise RuntimeError(said.stderr)
        return json.loads((path / "summary.json").read_text(encoding="utf-8"))["tests"][0]


def leak_run(fault, seed):
    """(named rightly, what was said)"""
    with Service(fault, seed) as service:
        test = play(LEAK_PLAN.format(url=service.url, port=service.port, seed=seed))
    leaking = {leak["resource"] for leak in test["leaks"] if leak["verdict"] == "leak"}
    said = "; ".join(leak["sentence"] for leak in test["leaks"] if leak["verdict"] != "none") or str(test["leaks_not_judged"])
    return bool(test["leaks"]) and leaking == LEAKS.get(fault, set()), f"{sorted(leaking)} {said}"


def bottleneck_run(fault, metrics):
    with Service(fault, 1, metrics) as service:
        watch = [f"port:{service.port}", "machine"]
        if metrics:
            watch.append(f'"prometheus:{service.url}/metrics"')
        test = play(BOTTLENECK_PLAN.format(url=service.url, watch=", ".join(watch), seed=1))
    causes = [candidate["cause"] for candidate in test["bottleneck"]["candidates"]]
    right = BOTTLENECKS[fault] in causes[:1 if metrics else 2]
    ranks = [f"{c['cause']} {c['score']:.2f}{' exact' if c['exact'] else ''}" for c in test["bottleneck"]["candidates"]]
    return right, f"{test['bottleneck']['sentence']} {ranks}"


def leak_jobs(long, chosen):
    seeds = range(1, 11) if long else range(1, 2)
    jobs = [(fault, seed) for fault in (*LEAKS, *LOOK_LIKE_LEAKS) for seed in seeds]
    jobs += [("none", seed) for seed in range(1, 21 if long else 2)]
    return [job for job in jobs if not chosen or job[0] in chosen]


def bottleneck_jobs(long, chosen):
    faults = BOTTLENECKS if long or chosen else ("pool", "rate_limit")
    return [(fault, metrics) for fault in faults for metrics in (True, False) if not chosen or fault in chosen]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="every fault and seed")
    parser.add_argument("--leaks", action="store_true", help="only leaks")
    parser.add_argument("--bottlenecks", action="store_true", help="only bottlenecks")
    parser.add_argument("faults", nargs="*")
    options = parser.parse_args()
    if not LOADLAB.exists() or not SERVICE.exists():
        print("loadlab or faulty_service is not built")
        return 77
    both = options.leaks == options.bottlenecks
    wrong = 0

    def report(job, outcome):
        nonlocal wrong
        right, said = outcome
        wrong += not right
        print(f"{'right' if right else 'WRONG'} {' '.join(map(str, job))}: {said}", flush=True)

    if both or options.leaks:
        jobs = leak_jobs(options.long, options.faults)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as runs:
            for job, outcome in zip(jobs, runs.map(lambda job: leak_run(*job), jobs)):
                report(job, outcome)
    if both or options.bottlenecks:
        for fault, metrics in bottleneck_jobs(options.long, options.faults):
            report((fault, "with metrics" if metrics else "without"), bottleneck_run(fault, metrics))
    print(f"{wrong} named wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
