#!/usr/bin/env python3
"""Checks that every #include in src/ keeps to the order of the folders, which ARCHITECTURE.md draws.

    check_layers.py [SOURCE_FOLDER]     default: src/ of this repository

A file may include its own folder and those that MAY_INCLUDE lists for it. Its tests (`*_test.cc`, and `*_test.h` which
they share) may include all of its own program besides, as they wire real parts together. Exit codes: 0 kept · 1 broken,
a line each · 2 nothing to check
"""
import pathlib
import re
import sys

BASE = ["base", "stats", "io"]

# Folder: what it may include besides itself. `{…}` of ARCHITECTURE.md is a group whose folders don't know each other.
MAY_INCLUDE = {
    "base": [],
    "stats": ["base"],
    "io": ["base"],
    # loadlab
    "loadlab/plan": ["base", "stats", "io", "loadlab/result"],
    "loadlab/net": ["base"],
    "loadlab/protocol": ["base", "loadlab/net", "loadlab/plan", "loadlab/result"],
    "loadlab/result": ["base", "stats"],
    "loadlab/engine": ["base", "stats", "loadlab/net", "loadlab/protocol", "loadlab/plan", "loadlab/result"],
    "loadlab/probe": [*BASE, "loadlab/result"],
    "loadlab/history": [*BASE, "loadlab/result"],
    "loadlab/judge": ["base", "stats", "loadlab/result", "loadlab/history", "loadlab/plan"],
    "loadlab/report": ["base", "stats", "loadlab/result", "loadlab/history", "loadlab/judge"],
    "loadlab/session": [
        *BASE, "loadlab/plan", "loadlab/result", "loadlab/engine", "loadlab/probe", "loadlab/judge", "loadlab/history",
    ],
    "loadlab/cli": [
        *BASE, "loadlab/plan", "loadlab/result", "loadlab/engine", "loadlab/probe", "loadlab/judge", "loadlab/history",
        "loadlab/session", "loadlab/report",
    ],
    # costagent
    "costagent/domain": ["base"],
    **{
        f"costagent/{folder}": [*BASE, "costagent/domain"]
        for folder in ("ingest", "collect", "store", "cache", "queue", "execute", "llm", "sample")
    },
    # Pure functions: they get what they work on and touch neither disk nor network.
    **{f"costagent/{folder}": ["base", "stats", "costagent/domain"] for folder in ("analyze", "recommend", "learn")},
    "costagent/service": [
        *BASE, "costagent/domain", "costagent/ingest", "costagent/collect", "costagent/store", "costagent/cache",
        "costagent/queue", "costagent/analyze", "costagent/recommend", "costagent/execute", "costagent/learn",
        "costagent/llm",
    ],
    "costagent/web": ["base"],
    "costagent/api": [*BASE, "costagent/domain", "costagent/service", "costagent/web"],
    # The composition root knows every concrete type of its program.
    "costagent/cli": [
        *BASE, "costagent/domain", "costagent/ingest", "costagent/collect", "costagent/store", "costagent/cache",
        "costagent/queue", "costagent/analyze", "costagent/recommend", "costagent/execute", "costagent/learn",
        "costagent/llm", "costagent/sample", "costagent/service", "costagent/api", "costagent/web",
    ],
}

PROGRAMS = ("loadlab", "costagent")
SOURCES = (".h", ".cc")
TESTS = ("_test.h", "_test.cc")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def folder_of(path):
    """`base` of base/log.h, `loadlab/net` of loadlab/net/poller.h; deeper folders belong to those."""
    parts = pathlib.PurePosixPath(path).parts[:-1]
    return "/".join(parts[:2] if parts and parts[0] in PROGRAMS else parts[:1])


def allowed(source, target, is_test):
    if target == source or target in MAY_INCLUDE[source]:
        return True
    program = source.split("/")[0]
    return is_test and (target in BASE or (program in PROGRAMS and target.split("/")[0] == program))


def problem(source_root, file, bracket, included):
    """What is wrong with one #include, as a sentence; None if nothing is."""
    source = folder_of(file)
    if bracket == '"' and included.startswith("support/") and file.endswith(TESTS):
        return None  # tests/support: servers and files that tests of several folders share
    if not (source_root / included).is_file():
        # Angle brackets are for what isn't ours; quotes are for what is, spelled from src/ on.
        return None if bracket == "<" else f'"{included}" is not a file below src/; write the path from there'
    target = folder_of(included)
    if bracket == "<":
        return f'write "{included}": angle brackets are for other projects\' headers'
    if allowed(source, target, file.endswith(TESTS)):
        return None
    if target.split("/")[0] in PROGRAMS and source.split("/")[0] != target.split("/")[0]:
        return f"{source} includes {target}, but {target.split('/')[0]} is for its own program alone"
    return f"{source} includes {target}, but may include only: {', '.join(MAY_INCLUDE[source]) or 'itself'}"


def check(source_root):
    """(files read, problems as lines)"""
    files = sorted(path for path in source_root.rglob("*") if path.suffix in SOURCES)
    problems = []
    for path in files:
        file = path.relative_to(source_root).as_posix()
        if folder_of(file) not in MAY_INCLUDE:
            problems.append(f"{path}:1: {folder_of(file) or 'src itself'} has no place yet: add it to MAY_INCLUDE in check_layers.py")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            include = INCLUDE.match(line)
            found = problem(source_root, file, include[1], include[2]) if include else None
            if found:
                problems.append(f"{path}:{number}: {found}")
    return len(files), problems


def main(arguments):
    source_root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[2] / "src")
    count, problems = check(source_root)
    print("\n".join(problems + [f"{count} files read, {len(problems)} includes break the order of the folders"]))
    if count == 0:
        return 2
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
