#!/usr/bin/env python3
"""Every test of the agents' suite can fail: a fault is planted, and the tests that depend on it must turn red, and others stay green.

    find_plants.py [--quick] [NAME…]

A fault is a switch of plants.cc (preloaded into a real agent), a benchmark that does its work thirty times, a change in the database, or
an option that starves. Of each, the tests that must turn red are played, short, and beside them at least one that must not. --quick plays
ten of them, shorter still, and beside each other what leaves the machine mostly idle; NAME those whose name holds it. That every test of
the suite stands in some row is looked at, too.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PROGRAMS", ROOT / "build/release/bin"))
LIBRARY = BIN.parent / "tests/plants/libplants.so"
SUITE = ROOT / "suites/costagent"

# Short, but long enough for what is looked for.
LENGTHS = {"normal": "8s", "normal_ramp": "1s", "peak": "8s", "peak_ramp": "2s", "come": "2s", "stress": "5s", "calm_500": "12s", "burst": "6s",
           "calm_burst": "13s", "calm_overload": "11s", "soak": "15s", "step": "2s", "floor": "5s", "point": "4s", "long": "20s",
           "half_burst": "3s", "fault": "4s", "fault_length": "9s", "after_fault": "13s"}
SHORTER = {"normal": "6s", "floor": "3s"}  # of --quick
AT_ONCE = 3  # of a machine that they leave mostly idle

FLOOR, SATURATION = "floor", "saturation"


def api(name, rate):
    return [f"{name}, {FLOOR}", f"{name}, {rate}/s", f"{name}, {SATURATION}"]


LOAD = ["normal load, 10 users", "normal load, 50 users", "peak load, 100 users", "peak load, 200 users"]
STRESS = ["stress, 500 users", "stress, 1,000 users", "stress, 2,000 users", "overload, three times the capacity", "spike, 5/s to 500/s and back",
          "ramp to the breaking point"]
COLLECTION = [test for cloud in ("AWS", "GCP", "Azure") for test in api(f"collection of {cloud}", 100)]
DATABASE = {"query": "query", "insert": "insert", "update": "update", "reads and writes mixed": "mixed", "pool of 2 to 50": "pool",
            "exhaustion and recovery": "exhaustion"}
COMPONENTS = {"bill parsing": "bill_parsing", "rollup": "rollup", "anomaly detection": "anomaly_detection", "trend": "trend",
              "forecast": "forecast", "recommendation generation": "recommendations", "writing JSON": "json",
              "workflow: collect, analyse, recommend, approve": "workflow"}
CACHE = {f"cache: {name}": name for name in ("hit", "miss", "stampede", "invalidation", "memory")}
QUEUE = {"queue: throughput": "throughput", "queue: delay under backlog": "delay_under_backlog", "queue: fairness": "fairness"}
READS = api("costs", 100) + api("costs, not asked before", 50)


def planted(fault, **more):
    """Environment of an agent with that fault."""
    return {"SUITE_WRAPPER": f"env LD_PRELOAD={LIBRARY}", "PLANT": fault, **more}


def for_seventh_sender(done):
    """SQL after which that is done to the costs of one of those who are sent a bill, as they are taken in."""
    seventh = "(SELECT text FROM dictionary WHERE id = NEW.customer) = 'sum-7'"
    return {"SUITE_SQL": f"CREATE TRIGGER planted AFTER {done[0]} WHEN {seventh} BEGIN {done[1]}; END"}


LOST = ("UPDATE OF state ON part", "UPDATE part SET state = 2 WHERE id = NEW.id AND state = 1")
TWICE = ("INSERT ON daily_service", "UPDATE daily_service SET billed = 2 * billed WHERE customer = NEW.customer")


class Plant:
    def __init__(self, name, environment, red, green, quick=None, variables=None):
        self.name, self.environment, self.red, self.green = name, environment, red, green
        self.quick = quick
        self.variables = variables or {}


class Quick:
    """Of a plant's short form: what it plays, and whether that leaves the machine mostly idle."""

    def __init__(self, red, green, idle=True, **variables):
        self.red, self.green, self.idle, self.variables = red, green, idle, variables


PLANTS = [
    Plant("costs fail", planted("fail:GET /costs:100"),
          LOAD + STRESS + READS + ["soak", "memory for answers", "volume of data, 1, 10 and 100 times", "state of several workers",
                                   "descriptors and connections", "network and disk", "exhaustion of the disk",
                                   "connections with the database", "Redis goes away and comes back", "a worker is killed"],
          ["health, floor", "analysis, cached, floor"], Quick(["normal load, 10 users"], ["health, floor"])),
    Plant("health fails", planted("fail:GET /health:30"), api("health", 200) + ["overload, three times the capacity"], ["costs, floor"],
          Quick(["health, floor"], ["costs, floor"])),
    Plant("analyses fail", planted("fail:POST /analyze:50"), api("analysis, cached", 50) + api("analysis, not asked before", 10),
          ["costs, floor"], Quick(["analysis, cached, floor"], ["recommendations, floor"])),
    Plant("recommendations fail", planted("fail:POST /recommendations:50"), api("recommendations", 30), ["costs, floor"]),
    Plant("one recommendation fails", planted("fail:GET /recommendations:50"), api("one recommendation", 100), ["recommendations, floor"]),
    Plant("collections fail", planted("fail:POST /collect:50"), COLLECTION, ["costs, floor"],
          Quick(["collection of AWS, floor"], ["costs, not asked before, floor"])),
    Plant("answers are late", planted("slow:GET /costs:40"), ["memory for answers"] + READS[2:3] + READS[5:6], ["health, floor"]),
    Plant("prices are late", planted("slow:GET /prices:2100"), ["with and without each index"], ["costs, floor"]),
    Plant("work takes long", planted("spin:GET /costs:60"), ["CPU"], ["health, floor"],
          Quick(["CPU"], ["analysis, cached, floor"], idle=False, long="10s")),
    Plant("memory is lost", planted("leak_memory:GET /costs:200000"), ["memory", "soak"], ["CPU"], variables={"soak": "40s"}),
    Plant("descriptors are lost", planted("leak_descriptors:GET /costs:100"), ["descriptors and connections"], ["CPU"],
          Quick(["descriptors and connections"], ["costs, floor"])),
    Plant("descriptors run out for good", planted("leak_descriptors:GET /health:100"), ["exhaustion of descriptors"], ["health, floor"]),
    Plant("memory runs out for good", planted("leak_memory:GET /costs:4000000"), ["exhaustion of memory"], ["costs, floor"]),
    Plant("memory never runs out", {}, ["exhaustion of memory"], ["costs, floor"], variables={"address_space": "16000000000"}),
    Plant("the disk stays full", {"SUITE_FULL": "1"}, ["exhaustion of the disk"], ["costs, floor"]),
    Plant("the disk never gets full", {"SUITE_ROOM": "100000000"}, ["exhaustion of the disk"], ["costs, floor"]),
    Plant("the database answers in turn", {"SUITE_IN_TURN": "1"}, ["workers", "sessions of the pool"], ["costs, floor"]),
    Plant("one worker does more", planted("spin:GET /recommendations:20", PLANT_ONE="planted"), ["load distribution among workers"],
          ["costs, floor"]),
    Plant("decisions fail", planted("fail:POST /recommendations:100"), ["state of several workers"], ["costs, floor"]),
    Plant("a month is missing", {"SUITE_SQL": "UPDATE part SET state = 2 WHERE id = (SELECT min(id) FROM part WHERE state = 1)"},
          ["collections, analyses, recommendations and approvals at once", "the same by four workers", "a worker is killed",
           "slow disk"], ["costs, floor"],
          Quick(["collections, analyses, recommendations and approvals at once"], ["costs, floor"], idle=False)),
    Plant("one bill is lost", for_seventh_sender(LOST),
          ["collections, analyses, recommendations and approvals at once", "the same by four workers", "Redis goes away and comes back",
           "slow disk"], ["costs, floor"]),
    Plant("one bill counts twice", for_seventh_sender(TWICE),
          ["collections, analyses, recommendations and approvals at once", "the same by four workers", "Redis goes away and comes back",
           "a worker is killed", "slow disk"], ["costs, floor"]),
    Plant("the database stays away", {"SUITE_AWAY": "1000"}, ["the database restarts"], ["costs, floor"]),
    Plant("everything is late", planted("slow:GET /costs:600"), ["slow disk"], ["health, floor"]),
] + [
    Plant(f"{benchmark} does its work thirty times", {"BENCH_SLOWED": benchmark}, [name], [other],
          Quick([name], [other], idle=False) if benchmark in ("bill_parsing", "hit", "throughput") else None)
    for names in (COMPONENTS, CACHE, QUEUE, {f"SQLite: {name}": one for name, one in DATABASE.items()},
                  {f"PostgreSQL: {name}": one for name, one in DATABASE.items()})
    for (name, benchmark), other in zip(names.items(), list(names)[1:] + list(names)[:1])
]


def tests_of_suite():
    said = subprocess.run([BIN / "loadlab", "run", SUITE, "--list"], capture_output=True, text=True, check=True)
    names = re.findall(r"^  (.+?) \[", said.stdout, re.MULTILINE)
    assert len(names) >= 35, said.stdout
    return names


def colour(test):
    """Red if anything that must hold is broken, which an untrusted verdict would hide, or the agent has died; else its verdict."""
    broken = any(one["severity"] == "fail" and not one["passed"] for one in test.get("thresholds", []) + test.get("verifications", []))
    broken = broken or any(leak["verdict"] == "leak" for leak in test.get("leaks", []))
    if test["verdict"] == "error" and "The process 'agent', which was started for it, was ended" in test["failure"]:
        return "red"
    return "red" if test["verdict"] == "fail" or test["verdict"] == "untrusted" and broken else test["verdict"]


def play(plant, part, lengths):
    """What is wrong with it, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        summary = pathlib.Path(folder) / "summary.json"
        command = [BIN / "loadlab", "run", SUITE, "--quiet", "--again", "2", "--json", summary]
        command += [word for name in [*part.red, *part.green] for word in ("--only", name)]
        command += [word for name, value in {**lengths, **plant.variables, **part.variables}.items() for word in ("-e", f"{name}={value}")]
        said = subprocess.run(command, capture_output=True, text=True,
                              env={**os.environ, "COSTAGENT": str(BIN / "costagent"), **plant.environment})
        if not summary.exists():
            return [f"there is no summary: {said.stdout}{said.stderr}"]
        seen = {test["name"]: colour(test) for test in json.loads(summary.read_text(encoding="utf-8"))["tests"]}
    wrong = [f"'{name}' is {seen.get(name, 'not there')} and not red" for name in part.red if seen.get(name) != "red"]
    wrong += [f"'{name}' is {seen.get(name, 'not there')} and not green" for name in part.green if seen.get(name) not in ("pass", "untrusted")]
    return wrong


def play_all(plants):
    """Each with what is wrong with it, one after the other."""
    for plant in plants:
        yield plant, plant, play(plant, plant, LENGTHS)


def play_quick(plants):
    """The same in the short form: first those that don't mind each other, then the others, each alone."""
    lengths = {**LENGTHS, **SHORTER}
    idle = [plant for plant in plants if plant.quick.idle]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as several:
        for plant, wrong in zip(idle, several.map(lambda plant: play(plant, plant.quick, lengths), idle)):
            yield plant, plant.quick, wrong
    for plant in plants:
        if not plant.quick.idle:
            yield plant, plant.quick, play(plant, plant.quick, lengths)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    failed = 0
    if not options.names:
        without = set(tests_of_suite()) - {name for plant in PLANTS for name in plant.red}
        failed += bool(without)
        print(f"no fault is planted for: {', '.join(sorted(without)) or 'none'}")
    plants = [plant for plant in PLANTS if (plant.quick or not options.quick) and
              (not options.names or any(part in plant.name for part in options.names))]
    if not plants:
        sys.exit("there is no such fault")
    for plant, part, wrong in play_quick(plants) if options.quick else play_all(plants):
        failed += bool(wrong)
        print(f"{plant.name}: " + ("; ".join(wrong) if wrong else f"{len(part.red)} red, {len(part.green)} green"), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
