// What the component benchmarks work on: one generated year of one customer, in files and in a database.
//
// Made once a program, by the first who asks, in a temporary folder that goes with the program. The same bytes on every
// machine. Nothing here is timed.
#pragma once

#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "costagent/store/open_store.h"

namespace bench {

inline const std::string kCustomer = "customer-1";

// The folder that everything is in.
const std::filesystem::path& folder();

// Of the year: a bill a month, in order, and the hourly utilisation.
const std::vector<std::string>& bills();
const std::string& utilisation();

// The database that is measured: BENCH_DATABASE, a URL of an empty one, or SQLite's file in the folder. The year is in
// it. `sessions` as in StoreOptions. Ends the program with a message where it can't be had.
std::unique_ptr<costagent::Store> open_year(std::size_t sessions);

// A database of its own without facts, for what writes: on PostgreSQL the same one, as a customer is as good as empty.
std::unique_ptr<costagent::Store> open_empty();

// How often a benchmark does its work an iteration: once, or thirty times where BENCH_SLOWED names it. That is the
// planted fault by which it is shown that a threshold notices.
int times(const std::string& benchmark);

// Ends the benchmark with the error, which fails the run, and is false; else true.
template <class Result>
bool good(benchmark::State& state, const Result& result) {
  if (result) return true;
  state.SkipWithError(result.error().message.c_str());
  return false;
}

}  // namespace bench
