#!/usr/bin/env python3
"""loadlab's figures of a process against pidstat's and /usr/bin/time's: CPU and memory agree within 2 %.

    agreement_test.py [SECONDS]     15 by default

A worker of this script holds 200 MB and uses a stated CPU time, all of it while loadlab loads a small server and watches the
worker, and while pidstat watches it too. Exit code 77: a tool is missing.
"""
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PROGRAMS = pathlib.Path(os.environ.get("PROGRAMS", pathlib.Path(__file__).parents[2] / "build/release/bin"))
# Says what it used to begin with, waits for a line, works for so many seconds of CPU time, says so, and waits for the end.
WORKER = """
import sys, time
held = bytearray(b"x") * 200_000_000
print(time.process_time(), flush=True)
sys.stdin.readline()
until = time.process_time() + float(sys.argv[1])
while time.process_time() < until:
    pass
del held  # giving it back takes time, too
print("done", flush=True)
sys.stdin.readline()
"""


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def near(name, ours, theirs):
    off = abs(ours - theirs) / theirs
    print(f"{name}: loadlab {ours:.2f}, the other {theirs:.2f}: {100 * off:.2f} % apart")
    return off <= 0.02


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15
    missing = [tool for tool in ("pidstat", "/usr/bin/time") if not shutil.which(tool)]
    if missing:
        print("missing:", ", ".join(missing))
        return 77
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        # A fifth of a core: it is done in time on a busy machine, too.
        timed = subprocess.Popen(["/usr/bin/time", "-v", "-o", f"{folder}/time", sys.executable, "-c", WORKER, str(seconds / 5)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        used_before = float(timed.stdout.readline())
        worker = int(pathlib.Path(f"/proc/{timed.pid}/task/{timed.pid}/children").read_text().split()[0])
        pidstat = subprocess.Popen(["pidstat", "-u", "-r", "-h", "-p", str(worker), "1", str(int(seconds) + 4)],
                                   stdout=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C"})
        loadlab = subprocess.Popen(
            [PROGRAMS / "loadlab", "run", f"http://127.0.0.1:{server.server_port}/", "--rate", "20/s", "--duration",
             f"{seconds}s", "--watch", f"pid:{worker}", "--json", f"{folder}/summary.json", "--quiet"],
            stdout=subprocess.DEVNULL)
        time.sleep(1.5)
        print("go", file=timed.stdin, flush=True)
        timed.stdout.readline()
        if loadlab.poll() is not None:
            print("the machine is too busy: the worker was not done before the load was")
            return 77
        loadlab.wait()
        lines = [line.split() for line in pidstat.communicate()[0].splitlines()]
        timed.communicate("end\n")
        summary = json.loads(pathlib.Path(f"{folder}/summary.json").read_text())["tests"][0]
        cpu = next(metric for probe in summary["probes"] if probe["probe"] == "process" and probe["part"] is None
                   for metric in probe["metrics"] if metric["name"] == "cpu")
        seconds_used = cpu["increase"] / 100 * os.cpu_count()
        head = next(line for line in lines if "%CPU" in line)[1:]
        rows = [line for line in lines if len(line) == len(head) and line[0] != "#"]
        by_time = pathlib.Path(f"{folder}/time").read_text()
        timed_cpu = sum(float(re.search(rf"{part} time \(seconds\): ([\d.]+)", by_time)[1]) for part in ("User", "System"))
        peak = int(re.search(r"Maximum resident set size \(kbytes\): (\d+)", by_time)[1])
        memory = summary["resources"]["peak_memory_mb"]
        checks = [near("CPU seconds, by pidstat", seconds_used, sum(float(row[head.index("%CPU")]) for row in rows) / 100),
                  near("CPU seconds, by time", seconds_used, timed_cpu - used_before),
                  near("memory, MB, by pidstat", memory, max(float(row[head.index("RSS")]) for row in rows) * 1024 / 1e6),
                  near("memory, MB, by time", memory, peak * 1024 / 1e6)]
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
