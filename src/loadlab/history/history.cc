#include "loadlab/history/history.h"

#include <algorithm>

#include "loadlab/history/history_file.h"
#include "loadlab/history/packed.h"
#include "loadlab/history/queries.h"
#include "loadlab/history/rows.h"

namespace loadlab {

using history::bind_optional;
using history::block_of;
using history::milliseconds_of;
using history::number_of;
using history::time_of;
using history::verdict_of;

struct History::Parts {
  io::Sqlite file;
  const base::Clock& clock;
  std::string unlocked{};  // its path, where it has to be opened anew for each look

  // Before anything is read.
  base::Result<> look() {
    if (unlocked.empty()) return {};
    auto read = history::open_to_read(unlocked);
    if (!read) return base::pass_on(read);
    file = std::move(read->file);
    return {};
  }

  base::Result<> run(const char* sql, const auto& bind) {
    auto statement = file.cached(sql);
    if (!statement) return base::pass_on(statement);
    bind(**statement);
    return (*statement)->run();
  }

  // Calls `take(statement)` for each row.
  base::Result<> each(const char* sql, const auto& bind, const auto& take) {
    auto statement = file.cached(sql);
    if (!statement) return base::pass_on(statement);
    bind(**statement);
    while (true) {
      const auto row = (*statement)->step();
      if (!row) return base::pass_on(row);
      if (!*row) return {};
      take(**statement);
    }
  }

  std::int64_t now() const { return milliseconds_of(clock.utc()); }

  base::Result<> see(std::int64_t id) {
    return run(history::kSeeRun, [&](io::Statement& to) { to.bind(1, now()).bind(2, id); });
  }

  base::Result<> put(std::int64_t id, std::size_t number, const Figure& figure) {
    return run(history::kAddFigure, [&](io::Statement& to) {
      to.bind(1, id).bind(2, number_of(number)).bind(3, figure.step).bind(4, figure.name).bind(5, figure.value);
    });
  }

  base::Result<> put(std::int64_t id, std::size_t number, std::int64_t place, const Block& block) {
    return run(history::kPutBlock, [&](io::Statement& to) {
      to.bind(1, id).bind(2, number_of(number)).bind(3, place).bind(4, block.begin_seconds).bind(5, block.end_seconds);
      to.bind(6, static_cast<std::int64_t>(block.requests)).bind(7, static_cast<std::int64_t>(block.errors));
      to.bind(8, static_cast<std::int64_t>(block.dropped)).bind(9, block.users);
      bind_optional(to, 10, block.cpu);
      bind_optional(to, 11, block.memory);
      to.bind_blob(12, block.response).bind_blob(13, block.steps);
    });
  }

  base::Result<std::vector<Block>> blocks(std::int64_t id, std::size_t number, std::size_t from) {
    std::vector<Block> found;
    const auto read = each(
        history::kBlocks,
        [&](io::Statement& to) { to.bind(1, id).bind(2, number_of(number)).bind(3, number_of(from)); },
        [&](const io::Statement& row) { found.push_back(block_of(row)); });
    if (!read) return base::pass_on(read);
    return found;
  }

  // Every two neighbours become one. Gives the last place that is left.
  base::Result<std::int64_t> halve(std::int64_t id, std::size_t number) {
    auto all = blocks(id, number, 0);
    if (!all) return base::pass_on(all);
    std::int64_t place = 0;
    for (std::size_t i = 0; i < all->size(); i += 2, ++place) {
      Block& block = (*all)[i];
      if (i + 1 < all->size()) {
        if (const auto merged = block.merge((*all)[i + 1]); !merged) return base::pass_on(merged);
      }
      if (const auto written = put(id, number, place, block); !written) return base::pass_on(written);
    }
    const auto dropped =
        run(history::kDropBlocks, [&](io::Statement& to) { to.bind(1, id).bind(2, number_of(number)).bind(3, place); });
    if (!dropped) return base::pass_on(dropped);
    return place - 1;
  }

  // From `seen`, and `ended` behind it.
  RunState state_of(const io::Statement& row, int seen) const {
    if (!row.is_null(seen + 1)) return RunState::ended;
    return clock.utc() - time_of(row.integer(seen)) > kSilence ? RunState::killed : RunState::playing;
  }

  RunRecord read_run(const io::Statement& row) const {
    RunRecord record;
    record.id = row.integer(0);
    record.suite = row.text(1);
    record.version = row.text(2);
    record.commit = row.text(3);
    record.plan = row.text(4);
    record.started = time_of(row.integer(5));
    record.state = state_of(row, 6);
    record.machine.host = row.text(8);
    record.machine.cpu = row.text(9);
    record.machine.cores = static_cast<int>(row.integer(10));
    record.machine.memory_mb = row.real(11);
    record.machine.kernel = row.text(12);
    record.verdict = verdict_of(row, 13);
    record.interrupted = row.integer(14) != 0;
    if (!row.is_null(15)) record.variables = row.text(15);
    return record;
  }

  base::Result<> read_tests(RunRecord& record, bool with_figures, bool with_blocks) {
    const auto tests = each(
        history::kTests, [&](io::Statement& to) { to.bind(1, record.id).bind(2, kAllowedStealFigure); },
        [&](const io::Statement& row) {
          TestRecord& test = record.tests.emplace_back();
          test.number = static_cast<std::size_t>(row.integer(0));
          test.name = row.text(1);
          test.load = row.text(2);
          test.target = row.text(3);
          test.ended = !row.is_null(4);
          test.verdict = verdict_of(row, 4);
          test.seconds = row.real(5);
          test.warm_up_seconds = row.real(6);
          test.failure = row.text(7);
          test.load_digest = row.text(8);
          if (!row.is_null(9)) test.allowed_steal = row.real(9);
        });
    if (!tests) return tests;
    if (!with_figures) return {};
    for (TestRecord& test : record.tests) {
      const auto figures = each(
          history::kFigures, [&](io::Statement& to) { to.bind(1, record.id).bind(2, number_of(test.number)); },
          [&](const io::Statement& row) {
            test.figures.push_back({std::string(row.text(0)), std::string(row.text(1)), row.real(2)});
          });
      if (!figures) return figures;
      if (!with_blocks) continue;
      auto read = blocks(record.id, test.number, 0);
      if (!read) return base::pass_on(read);
      test.blocks = std::move(*read);
    }
    return {};
  }
};

History::History(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
History::History(History&& other) noexcept = default;
History& History::operator=(History&& other) noexcept = default;
History::~History() = default;

base::Result<History> History::open(const std::string& path, const base::Clock& clock) {
  auto file = history::open_to_write(path);
  if (!file) return base::pass_on(file);
  return History(std::make_unique<Parts>(std::move(*file), clock));
}

base::Result<History> History::open_existing(const std::string& path, const base::Clock& clock) {
  auto read = history::open_to_read(path);
  if (!read) return base::pass_on(read);
  return History(std::make_unique<Parts>(std::move(read->file), clock, read->unlocked ? path : ""));
}

base::Result<std::int64_t> History::begin_run(const RunHead& head) {
  const std::string machine = fingerprint(head.machine);
  const auto added = parts_->run(history::kAddRun, [&](io::Statement& to) {
    to.bind(1, head.suite).bind(2, head.version).bind(3, head.commit).bind(4, head.plan);
    to.bind(5, milliseconds_of(head.started)).bind(6, parts_->now()).bind(7, head.machine.host);
    to.bind(8, head.machine.cpu).bind(9, static_cast<std::int64_t>(head.machine.cores));
    to.bind(10, head.machine.memory_mb).bind(11, head.machine.kernel).bind(12, machine);
    if (head.variables) {
      to.bind(13, *head.variables);
    } else {
      to.bind_null(13);
    }
  });
  if (!added) return base::pass_on(added);
  return parts_->file.last_insert_id();
}

base::Result<> History::see(std::int64_t run) { return parts_->see(run); }

base::Result<> History::begin_test(std::int64_t run, std::size_t number, const std::string& name,
                                   const std::string& load_digest) {
  if (auto seen = parts_->see(run); !seen) return seen;
  return parts_->run(history::kAddTest, [&](io::Statement& to) {
    to.bind(1, run).bind(2, number_of(number)).bind(3, name).bind(4, load_digest);
  });
}

base::Result<> History::forget_test(std::int64_t run, std::size_t number) {
  auto transaction = io::Transaction::begin(parts_->file);
  if (!transaction) return base::pass_on(transaction);
  for (const char* const forget : {history::kForgetTest, history::kForgetFigures, history::kForgetBlocks}) {
    auto done = parts_->run(forget, [&](io::Statement& to) { to.bind(1, run).bind(2, number_of(number)); });
    if (!done) return done;
  }
  return transaction->commit();
}

base::Result<> History::add_second(std::int64_t run, std::size_t number, const Block& second) {
  auto transaction = io::Transaction::begin(parts_->file);
  if (!transaction) return base::pass_on(transaction);
  if (auto seen = parts_->see(run); !seen) return seen;
  std::int64_t last = -1;
  const auto found = parts_->each(
      history::kLastPlace, [&](io::Statement& to) { to.bind(1, run).bind(2, number_of(number)); },
      [&](const io::Statement& row) { last = row.integer(0); });
  if (!found) return found;
  if (last + 1 >= number_of(kMostBlocks)) {
    const auto halved = parts_->halve(run, number);
    if (!halved) return base::pass_on(halved);
    last = *halved;
  }
  if (auto written = parts_->put(run, number, last + 1, second); !written) return written;
  return transaction->commit();
}

base::Result<> History::add_point(std::int64_t run, std::size_t number, const SweepPointResult& point) {
  auto transaction = io::Transaction::begin(parts_->file);
  if (!transaction) return base::pass_on(transaction);
  if (auto seen = parts_->see(run); !seen) return seen;
  for (const Figure& figure : figures_of(point)) {
    if (auto added = parts_->put(run, number, figure); !added) return added;
  }
  return transaction->commit();
}

base::Result<> History::end_test(std::int64_t run, std::size_t number, const TestResult& test) {
  auto transaction = io::Transaction::begin(parts_->file);
  if (!transaction) return base::pass_on(transaction);
  if (auto begun = begin_test(run, number, test.name); !begun) return begun;
  auto ended = parts_->run(history::kEndTest, [&](io::Statement& to) {
    to.bind(1, test.load).bind(2, test.target).bind(3, static_cast<std::int64_t>(test.verdict)).bind(4, test.seconds);
    to.bind(5, test.warm_up_seconds).bind(6, test.failure).bind(7, run).bind(8, number_of(number));
  });
  if (!ended) return ended;
  for (const Figure& figure : figures_of(test)) {
    if (auto added = parts_->put(run, number, figure); !added) return added;
  }
  return transaction->commit();
}

base::Result<> History::end_run(std::int64_t run, const RunResult& result, const std::string& summary) {
  std::string packed = pack(summary);
  if (packed.size() > kMostSummary) packed.clear();
  auto transaction = io::Transaction::begin(parts_->file);
  if (!transaction) return base::pass_on(transaction);
  auto ended = parts_->run(history::kEndRun, [&](io::Statement& to) {
    to.bind(1, parts_->now()).bind(2, static_cast<std::int64_t>(result.verdict));
    to.bind(3, std::int64_t{result.interrupted ? 1 : 0}).bind(4, run);
  });
  if (!ended) return ended;
  auto added = parts_->run(history::kAddSummary, [&](io::Statement& to) { to.bind(1, run).bind_blob(2, packed); });
  if (!added) return added;
  return transaction->commit();
}

base::Result<std::vector<RunRecord>> History::runs(const Filter& filter) {
  if (const auto looked = parts_->look(); !looked) return base::pass_on(looked);
  std::vector<RunRecord> found;
  const auto read = parts_->each(
      history::kRuns,
      [&](io::Statement& to) {
        to.bind(1, filter.suite).bind(2, filter.before).bind(3, number_of(std::min(filter.limit, kMostRuns)));
      },
      [&](const io::Statement& row) { found.push_back(parts_->read_run(row)); });
  if (!read) return base::pass_on(read);
  for (RunRecord& record : found) {
    if (const auto tests = parts_->read_tests(record, false, false); !tests) return base::pass_on(tests);
  }
  return found;
}

base::Result<std::optional<RunRecord>> History::run(std::int64_t id, bool with_blocks) {
  if (const auto looked = parts_->look(); !looked) return base::pass_on(looked);
  std::optional<RunRecord> found;
  const auto read = parts_->each(
      history::kRun, [&](io::Statement& to) { to.bind(1, id); },
      [&](const io::Statement& row) { found = parts_->read_run(row); });
  if (!read) return base::pass_on(read);
  if (!found) return found;
  if (const auto tests = parts_->read_tests(*found, true, with_blocks); !tests) return base::pass_on(tests);
  return found;
}

base::Result<Baseline> History::comparable(const RunRecord& run, std::size_t count) {
  constexpr std::size_t kPage = 50;
  Baseline baseline;
  BaselineSearch search(run, count);
  std::int64_t last = run.id;
  for (std::size_t looked_at = 0; looked_at < kMostRuns && !search.done(); looked_at += kPage) {
    const auto page = runs({run.suite, kPage, last});
    if (!page) return base::pass_on(page);
    if (page->empty()) break;
    last = page->back().id;
    for (const RunRecord& one : *page) {
      const std::vector<std::string> names = search.take(one);
      if (names.empty()) continue;
      auto whole = this->run(one.id, true);
      if (!whole) return base::pass_on(whole);
      if (!*whole) continue;
      std::erase_if((*whole)->tests, [&](const TestRecord& test) {
        return std::find(names.begin(), names.end(), test.name) == names.end();
      });
      baseline.runs.push_back(std::move(**whole));
    }
  }
  baseline.passed_over = search.passed_over();
  return baseline;
}

base::Result<std::string> History::summary(std::int64_t id) {
  if (const auto looked = parts_->look(); !looked) return base::pass_on(looked);
  std::string packed;
  const auto read = parts_->each(
      history::kSummary, [&](io::Statement& to) { to.bind(1, id); },
      [&](const io::Statement& row) { packed = row.text(0); });
  if (!read) return base::pass_on(read);
  return unpack(packed);
}

base::Result<std::vector<std::optional<double>>> History::values(std::span<const Place> tests, const Figure& of) {
  if (const auto looked = parts_->look(); !looked) return base::pass_on(looked);
  std::vector<std::optional<double>> found;
  // Locked once, not for each.
  const auto snapshot = io::Snapshot::begin(parts_->file);
  if (!snapshot) return base::pass_on(snapshot);
  for (const Place& place : tests) {
    std::optional<double>& value = found.emplace_back();
    const auto read = parts_->each(
        history::kFigure,
        [&](io::Statement& to) {
          to.bind(1, place.run).bind(2, number_of(place.test)).bind(3, of.step).bind(4, of.name);
        },
        [&](const io::Statement& row) { value = row.real(0); });
    if (!read) return base::pass_on(read);
  }
  return found;
}

base::Result<std::optional<RunProgress>> History::progress(std::int64_t id) {
  if (const auto looked = parts_->look(); !looked) return base::pass_on(looked);
  std::optional<RunProgress> found;
  const auto state = parts_->each(
      history::kState, [&](io::Statement& to) { to.bind(1, id); },
      [&](const io::Statement& row) { found.emplace().state = parts_->state_of(row, 0); });
  if (!state) return base::pass_on(state);
  if (!found) return found;
  const auto tests = parts_->each(
      history::kProgress, [&](io::Statement& to) { to.bind(1, id); },
      [&](const io::Statement& row) {
        found->tests.push_back({static_cast<std::size_t>(row.integer(0)), row.integer(1) != 0,
                                static_cast<std::size_t>(row.integer(2)), static_cast<std::size_t>(row.integer(3))});
      });
  if (!tests) return base::pass_on(tests);
  return found;
}

base::Result<std::vector<Block>> History::blocks(std::int64_t run, std::size_t number, std::size_t from) {
  if (const auto looked = parts_->look(); !looked) return base::pass_on(looked);
  return parts_->blocks(run, number, from);
}

}  // namespace loadlab
