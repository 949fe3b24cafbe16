"""What the benchmarks of this folder share: pinned processes, servers, and tables for docs/performance.md."""
import argparse
import array
import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVER_CORE, GENERATOR_CORE = 0, 1


def parser(description):
    """With the options that every benchmark has."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--build", default=os.path.join(ROOT, "build/release"), help="where the programs were built")
    made.add_argument("--markdown", action="store_true", help="print tables as docs/performance.md has them")
    return made


def program(options, name):
    return os.path.join(options.build, "bin", name)


def run_pinned(command, core=GENERATOR_CORE, expect=(0,)):
    """Runs a command on one core; returns its output, CPU seconds and wall seconds. Another exit code ends the benchmark."""
    text, usage, wall, _ = run_sampled(command, core, expect, interval=None)
    return text, usage.ru_utime + usage.ru_stime, wall


def run_sampled(command, core=GENERATOR_CORE, expect=(0,), interval=0.5):
    """The same; returns output, resource usage, wall seconds, and samples of (seconds, resident KB, most resident KB so far)."""
    samples = []
    with tempfile.TemporaryFile("w+") as out:
        before = time.monotonic()
        process = subprocess.Popen(["taskset", "-c", str(core)] + [str(word) for word in command], stdout=out,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG if interval else 0)
            while not ended:
                time.sleep(interval)
                memory = resident_kb(process.pid)
                if memory:
                    samples.append((time.monotonic() - before, *memory))
                ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        except KeyboardInterrupt:
            process.kill()
            process.wait()
            raise
        wall = time.monotonic() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if process.returncode not in expect:
        sys.exit(f"{' '.join(map(str, command))}\n{text}\nended with {process.returncode}")
    return text, usage, wall, samples


def resident_kb(pid):
    """Of a process, now and at most so far; nothing of one that is about to end. (wait4 tells the most of its parent, if that was more.)"""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file)
    return [int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM")] if "VmHWM" in fields else None


@contextlib.contextmanager
def server(*command, core=SERVER_CORE):
    """A server on its own core that prints its port; ended with SIGTERM, so that it writes what it has to."""
    process = subprocess.Popen(["taskset", "-c", str(core)] + [str(word) for word in command], stdout=subprocess.PIPE,
                               text=True)
    try:
        yield int(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()


def loadlab(options, *arguments, core=GENERATOR_CORE):
    """Plays `loadlab run …` on one core, whatever its verdict on itself; returns the first test's summary, CPU and wall."""
    with tempfile.NamedTemporaryFile(suffix=".json") as summary:
        _, cpu, wall = run_pinned([program(options, "loadlab"), "run", *arguments, "--json", summary.name, "--quiet"], core,
                                  expect=(0, 1, 4))
        return first_test(summary.name), cpu, wall


def first_test(path):
    """Of the summary in this file."""
    with open(path, encoding="utf-8") as summary:
        return json.load(summary)["tests"][0]


def read_log(path):
    """What bench_stalling_responder logged: pairs of arrival and answer, in nanoseconds of the monotonic clock, in the order of arrival."""
    numbers = array.array("q")
    with open(path, "rb") as file:
        numbers.frombytes(file.read())
    return sorted(zip(numbers[0::2], numbers[1::2]))


def checked(test):
    """The number of requests in this summary, of which none may have failed."""
    if test["failed_requests"]:
        sys.exit(f"loadlab counted {test['failed_requests']} failed requests: {test['errors']}")
    return test["total_requests"]


def has(tool):
    return shutil.which(tool) is not None


def require(*tools):
    """Ends the benchmark where one of them is not installed."""
    for tool in tools:
        if not has(tool):
            sys.exit(f"{tool} is not installed; `scripts/setup bench` installs what the benchmarks need")


def commit():
    """What is measured, as far as git can tell."""
    found = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def machine():
    """One line on where and when the figures were made."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        cpu = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    return (f"{time.strftime('%Y-%m-%d %H:%M')} UTC, {os.cpu_count()} cores of {cpu}, Linux {platform.release()}, "
            f"load before the run {os.getloadavg()[0]:.2f}, commit {commit()}")


def command_line(options):
    """As the page tells it: without --markdown, and without this machine's folders."""
    words = [word for word in sys.argv[1:] if word not in ("--markdown", "--build", options.build)]
    return " ".join([os.path.relpath(os.path.abspath(sys.argv[0]), ROOT), *words])


def table(options, header, rows):
    """A table for people, or for docs/performance.md."""
    rows = [[str(cell) for cell in row] for row in rows]
    if options.markdown:
        lines = ["| " + " | ".join(row) + " |" for row in [header, ["---"] + ["---:"] * (len(header) - 1), *rows]]
    else:
        widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
        lines = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths)))
                 for row in [header, *rows]]
    print("\n".join(lines), flush=True)


def heading(options, moment):
    """`moment` is machine() from before the run, as a run raises the load it tells."""
    print(f"{moment}:\n`{command_line(options)}`\n" if options.markdown else f"{moment}\n", flush=True)


def finish(missed):
    """Ends the benchmark: with exit code 1 where bounds were missed, each told on a line of its own."""
    for text in missed:
        print(f"missed: {text}", flush=True)
    sys.exit(bool(missed))
