#include "loadlab/history/history.h"

#include <unistd.h>

#include <algorithm>

#include "io/sqlite.h"
#include "loadlab/history/queries.h"

namespace loadlab {
namespace {

using base::ErrorKind;

// Others write for milliseconds at a time.
constexpr int kBusyMs = 5'000;

std::int64_t milliseconds_of(base::UtcTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

base::UtcTime time_of(std::int64_t milliseconds) { return base::UtcTime(std::chrono::milliseconds(milliseconds)); }

std::int64_t number_of(std::size_t number) { return static_cast<std::int64_t>(number); }

void bind_optional(io::Statement& statement, int parameter, const std::optional<double>& value) {
  if (value) {
    statement.bind(parameter, *value);
  } else {
    statement.bind_null(parameter);
  }
}

std::optional<double> optional_real(const io::Statement& statement, int column) {
  if (statement.is_null(column)) return std::nullopt;
  return statement.real(column);
}

// What is in the file of a wrong number is nobody's verdict.
Verdict verdict_of(const io::Statement& statement, int column) {
  if (statement.is_null(column)) return Verdict::error;
  return static_cast<Verdict>(std::clamp<std::int64_t>(statement.integer(column), 0, 3));
}

Block read_block(const io::Statement& row) {
  Block block;
  block.begin_seconds = row.real(0);
  block.end_seconds = row.real(1);
  block.requests = static_cast<std::uint64_t>(row.integer(2));
  block.errors = static_cast<std::uint64_t>(row.integer(3));
  block.dropped = static_cast<std::uint64_t>(row.integer(4));
  block.users = row.real(5);
  block.cpu = optional_real(row, 6);
  block.memory = optional_real(row, 7);
  block.response = row.text(8);
  block.steps = row.text(9);
  return block;
}

base::Result<io::Sqlite> prepare(const std::string& path, io::Sqlite::Mode mode) {
  auto file = io::Sqlite::open(path, mode, kBusyMs);
  if (!file) return file;
  const auto application = file->integer("PRAGMA application_id");
  if (!application) return base::pass_on(application);
  const auto version = file->integer("PRAGMA user_version");
  if (!version) return base::pass_on(version);
  const auto tables = file->integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return base::pass_on(tables);
  if (*tables > 0 && *application != history::kApplicationId)
    return base::fail(ErrorKind::corrupt, "{} is no history of loadlab; it was left as it is", path);
  if (*version > history::kVersion) {
    return base::fail(ErrorKind::corrupt, "{} was written by a newer loadlab (version {}, this one knows {})", path,
                      *version, history::kVersion);
  }
  if (*version < history::kVersion) {
    if (const auto wal = file->execute("PRAGMA journal_mode = WAL"); !wal) return base::pass_on(wal);
    auto transaction = io::Transaction::begin(*file);
    if (!transaction) return base::pass_on(transaction);
    // Another process may have made them while this one waited.
    const auto now = file->integer("PRAGMA user_version");
    if (!now) return base::pass_on(now);
    for (auto made = *now; made < history::kVersion; ++made) {
      if (const auto done = file->execute(history::kMigrations[made]); !done) return base::pass_on(done);
    }
    if (*now < history::kVersion) {
      const std::string stamp = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                            history::kApplicationId, history::kVersion);
      if (const auto stamped = file->execute(stamp.c_str()); !stamped) return base::pass_on(stamped);
    }
    if (const auto committed = transaction->commit(); !committed) return base::pass_on(committed);
  }
  if (const auto lazy = file->execute("PRAGMA synchronous = NORMAL"); !lazy) return base::pass_on(lazy);
  return file;
}

}  // namespace

struct History::Parts {
  io::Sqlite file;
  const base::Clock& clock;

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

  base::Result<std::vector<Block>> blocks(std::int64_t id, std::size_t number) {
    std::vector<Block> found;
    const auto read = each(
        history::kBlocks, [&](io::Statement& to) { to.bind(1, id).bind(2, number_of(number)); },
        [&](const io::Statement& row) { found.push_back(read_block(row)); });
    if (!read) return base::pass_on(read);
    return found;
  }

  // Every two neighbours become one. Gives the last place that is left.
  base::Result<std::int64_t> halve(std::int64_t id, std::size_t number) {
    auto all = blocks(id, number);
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

  RunRecord read_run(const io::Statement& row) const {
    RunRecord record;
    record.id = row.integer(0);
    record.suite = row.text(1);
    record.version = row.text(2);
    record.commit = row.text(3);
    record.plan = row.text(4);
    record.started = time_of(row.integer(5));
    const bool silent = clock.utc() - time_of(row.integer(6)) > kSilence;
    record.state = !row.is_null(7) ? RunState::ended : silent ? RunState::killed : RunState::playing;
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
    std::vector<std::size_t> numbers;
    const auto tests = each(
        history::kTests, [&](io::Statement& to) { to.bind(1, record.id); },
        [&](const io::Statement& row) {
          TestRecord& test = record.tests.emplace_back();
          numbers.push_back(static_cast<std::size_t>(row.integer(0)));
          test.name = row.text(1);
          test.load = row.text(2);
          test.target = row.text(3);
          test.ended = !row.is_null(4);
          test.verdict = verdict_of(row, 4);
          test.seconds = row.real(5);
          test.warm_up_seconds = row.real(6);
          test.failure = row.text(7);
          test.load_digest = row.text(8);
        });
    if (!tests) return tests;
    for (std::size_t i = 0; with_figures && i < numbers.size(); ++i) {
      TestRecord& test = record.tests[i];
      const auto figures = each(
          history::kFigures, [&](io::Statement& to) { to.bind(1, record.id).bind(2, number_of(numbers[i])); },
          [&](const io::Statement& row) {
            test.figures.push_back({std::string(row.text(0)), std::string(row.text(1)), row.real(2)});
          });
      if (!figures) return figures;
      if (!with_blocks) continue;
      auto read = blocks(record.id, numbers[i]);
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
  auto file = prepare(path, io::Sqlite::Mode::create);
  if (!file) return base::pass_on(file);
  return History(std::make_unique<Parts>(std::move(*file), clock));
}

base::Result<History> History::open_existing(const std::string& path, const base::Clock& clock) {
  if (::access(path.c_str(), F_OK) != 0) {
    return base::fail(ErrorKind::not_found, "there is no history {}; loadlab run --history {} makes it", path, path);
  }
  return open(path, clock);
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
    auto added = parts_->run(history::kAddFigure, [&](io::Statement& to) {
      to.bind(1, run).bind(2, number_of(number)).bind(3, figure.step).bind(4, figure.name).bind(5, figure.value);
    });
    if (!added) return added;
  }
  return transaction->commit();
}

base::Result<> History::end_run(std::int64_t run, const RunResult& result, const std::string& summary) {
  return parts_->run(history::kEndRun, [&](io::Statement& to) {
    to.bind(1, parts_->now()).bind(2, static_cast<std::int64_t>(result.verdict));
    to.bind(3, std::int64_t{result.interrupted ? 1 : 0}).bind_blob(4, summary).bind(5, run);
  });
}

base::Result<std::vector<RunRecord>> History::runs(const Filter& filter) {
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
  std::string text;
  const auto read = parts_->each(
      history::kSummary, [&](io::Statement& to) { to.bind(1, id); },
      [&](const io::Statement& row) { text = row.text(0); });
  if (!read) return base::pass_on(read);
  return text;
}

base::Result<std::vector<History::Point>> History::trend(const std::string& suite, const std::string& test,
                                                         const Figure& of) {
  std::vector<Point> points;
  const auto read = parts_->each(
      history::kTrend,
      [&](io::Statement& to) {
        to.bind(1, suite).bind(2, test).bind(3, of.step).bind(4, of.name).bind(5, number_of(kMostRuns));
      },
      [&](const io::Statement& row) {
        points.push_back({row.integer(0), time_of(row.integer(1)), std::string(row.text(2)), std::string(row.text(3)),
                          verdict_of(row, 4), row.real(5)});
      });
  if (!read) return base::pass_on(read);
  return points;
}

}  // namespace loadlab
