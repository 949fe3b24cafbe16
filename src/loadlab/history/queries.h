// Every statement that the history asks of its file, and the tables.
#pragma once

namespace loadlab::history {

// PRAGMA application_id of a history: "load" in ASCII.
inline constexpr int kApplicationId = 0x6c6f6164;
inline constexpr int kVersion = 3;

// Times are milliseconds since 1970; within a test, seconds since its start. Verdicts are the numbers of `Verdict`, and
// NULL until there is one. `seen` is when whoever plays a run last said so.
//
// Version 1.
inline constexpr const char* kTables = R"sql(
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT, suite TEXT NOT NULL, version TEXT NOT NULL, commit_id TEXT NOT NULL,
  plan TEXT NOT NULL, started INTEGER NOT NULL, seen INTEGER NOT NULL, ended INTEGER, host TEXT NOT NULL,
  cpu TEXT NOT NULL, cores INTEGER NOT NULL, memory_mb REAL NOT NULL, kernel TEXT NOT NULL, machine TEXT NOT NULL,
  verdict INTEGER, interrupted INTEGER NOT NULL DEFAULT 0, summary BLOB NOT NULL DEFAULT '');
CREATE INDEX run_suite ON run (suite, id);
CREATE TABLE test (
  run INTEGER NOT NULL REFERENCES run, number INTEGER NOT NULL, name TEXT NOT NULL, load TEXT NOT NULL DEFAULT '',
  target TEXT NOT NULL DEFAULT '', verdict INTEGER, seconds REAL NOT NULL DEFAULT 0, warm_up REAL NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT '', PRIMARY KEY (run, number)) WITHOUT ROWID;
CREATE TABLE figure (
  run INTEGER NOT NULL, number INTEGER NOT NULL, step TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (run, number, step, name)) WITHOUT ROWID;
CREATE TABLE block (
  run INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL, begins REAL NOT NULL, ends REAL NOT NULL,
  requests INTEGER NOT NULL, errors INTEGER NOT NULL, dropped INTEGER NOT NULL, users REAL NOT NULL, cpu REAL,
  memory REAL, response BLOB NOT NULL, PRIMARY KEY (run, number, place));
)sql";

// Version 2: what a load was, and its seconds by step. NULL variables are unknown, empty digests and steps too.
inline constexpr const char* kVersion2 = R"sql(
ALTER TABLE run ADD COLUMN variables TEXT;
ALTER TABLE test ADD COLUMN load_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE block ADD COLUMN steps BLOB NOT NULL DEFAULT '';
)sql";
// Version 3: what is long, apart. Whoever reads what stands behind it in a row of `run` would have to read all of it.
inline constexpr const char* kVersion3 = R"sql(
CREATE TABLE summary (run INTEGER PRIMARY KEY REFERENCES run, packed BLOB NOT NULL);
INSERT INTO summary SELECT id, summary FROM run WHERE ended IS NOT NULL;
ALTER TABLE run DROP COLUMN summary;
)sql";
// What makes each version from the one before.
inline constexpr const char* kMigrations[kVersion] = {kTables, kVersion2, kVersion3};

inline constexpr const char* kAddRun = R"sql(
INSERT INTO run (suite, version, commit_id, plan, started, seen, host, cpu, cores, memory_mb, kernel, machine, variables)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";
inline constexpr const char* kSeeRun = "UPDATE run SET seen = ? WHERE id = ?";
inline constexpr const char* kEndRun = R"sql(
UPDATE run SET ended = ?1, seen = ?1, verdict = ?2, interrupted = ?3 WHERE id = ?4)sql";
inline constexpr const char* kAddSummary = "INSERT OR REPLACE INTO summary VALUES (?, ?)";
inline constexpr const char* kAddTest = R"sql(
INSERT INTO test (run, number, name, load_digest) VALUES (?, ?, ?, ?) ON CONFLICT (run, number) DO NOTHING)sql";
inline constexpr const char* kEndTest = R"sql(
UPDATE test SET load = ?, target = ?, verdict = ?, seconds = ?, warm_up = ?, failure = ? WHERE run = ? AND number = ?)sql";
inline constexpr const char* kAddFigure = "INSERT OR REPLACE INTO figure VALUES (?, ?, ?, ?, ?)";
inline constexpr const char* kLastPlace = "SELECT ifnull(max(place), -1) FROM block WHERE run = ? AND number = ?";
inline constexpr const char* kPutBlock = R"sql(
INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";
inline constexpr const char* kForgetTest = "DELETE FROM test WHERE run = ? AND number = ?";
inline constexpr const char* kForgetFigures = "DELETE FROM figure WHERE run = ? AND number = ?";
inline constexpr const char* kForgetBlocks = "DELETE FROM block WHERE run = ? AND number = ?";
inline constexpr const char* kDropBlocks = "DELETE FROM block WHERE run = ? AND number = ? AND place >= ?";

inline constexpr const char* kRuns = R"sql(
SELECT id, suite, version, commit_id, '', started, seen, ended, host, cpu, cores, memory_mb, kernel, verdict, interrupted,
variables FROM run WHERE (?1 = '' OR suite = ?1) AND (?2 = 0 OR id < ?2) ORDER BY id DESC LIMIT ?3)sql";
inline constexpr const char* kRun = R"sql(
SELECT id, suite, version, commit_id, plan, started, seen, ended, host, cpu, cores, memory_mb, kernel, verdict, interrupted,
variables FROM run WHERE id = ?)sql";
inline constexpr const char* kSummary = "SELECT packed FROM summary WHERE run = ?";
inline constexpr const char* kTests = R"sql(
SELECT number, name, load, target, verdict, seconds, warm_up, failure, load_digest,
  (SELECT value FROM figure WHERE figure.run = test.run AND figure.number = test.number AND step = '' AND figure.name = ?2)
FROM test WHERE run = ?1 ORDER BY number)sql";
inline constexpr const char* kFigures = R"sql(
SELECT step, name, value FROM figure WHERE run = ? AND number = ? ORDER BY step, name)sql";
inline constexpr const char* kBlocks = R"sql(
SELECT begins, ends, requests, errors, dropped, users, cpu, memory, response, steps
FROM block WHERE run = ? AND number = ? AND place >= ? ORDER BY place)sql";
inline constexpr const char* kFigure = R"sql(
SELECT value FROM figure WHERE run = ? AND number = ? AND step = ? AND name = ?)sql";
inline constexpr const char* kState = "SELECT seen, ended FROM run WHERE id = ?";
inline constexpr const char* kProgress = R"sql(
SELECT number, verdict IS NOT NULL,
  (SELECT ifnull(max(place), -1) + 1 FROM block WHERE block.run = test.run AND block.number = test.number),
  CASE WHEN verdict IS NULL
    THEN (SELECT count(*) FROM figure WHERE figure.run = test.run AND figure.number = test.number) ELSE 0 END
FROM test WHERE run = ? ORDER BY number)sql";

}  // namespace loadlab::history
