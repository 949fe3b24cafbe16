// One job's work: what is still in a customer's watched folder is taken in (watched_folder.h), bill by bill, until
// another job waits for its turn.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/job_queue.h"
#include "costagent/domain/watch_store.h"
#include "costagent/service/ingest.h"
#include "costagent/service/jobs.h"
#include "costagent/service/watched_bills.h"

namespace costagent {

struct WatchedPlaces {
  WatchStore& watched;
  FactStore& facts;
  JobQueue& jobs;
  const base::Clock& clock;
  std::string folder;  // that is watched
};

// Used once, by one thread. What it refers to must outlive it.
class WatchedIntake {
 public:
  WatchedIntake(WatchedPlaces places, const Job& job, JobContext& context)
      : places_(std::move(places)), job_(job), context_(context), folder_(places_.folder + "/" + job.customer) {}

  // What became of it, as a JSON object with the sums of all bills. What is wrong with a file is no failure: it is
  // written down, told once, and the others go on. Fails with what may pass, to be tried again, and with `cancelled`;
  // what was taken in until then stays so, and the next attempt goes on behind it.
  base::Result<std::string> run();

  struct Counts {
    std::uint64_t taken = 0;   // files
    std::uint64_t failed = 0;  // files
    bool changed = false;      // whether the customer's facts did
  };
  Counts counts() const { return counts_; }

  // Whether it ended with success and left bills to another job.
  bool gave_way() const { return gave_way_; }

 private:
  struct Verdict {
    WatchedState state = WatchedState::taken;
    std::string digest{};
    std::string error{};
    base::UtcTime due{};
  };
  struct Readable {
    std::vector<std::string> files;
    std::map<std::string, std::string> others;  // why they are none
  };
  using Verdicts = std::map<std::string, Verdict>;

  base::Result<> read_what_is_known();
  base::Result<> take_in_turn(const std::vector<WatchedBill>& bills);
  base::Result<bool> should_give_way() const;
  bool is_wanted(const std::string& path) const;
  std::vector<WatchedBill> bills_in_order(WatchedBills& found) const;
  base::Result<> take(const WatchedBill& bill);
  base::Result<> hold_back(const std::vector<std::string>& paths);
  base::Result<Readable> look_into(const WatchedBill& bill) const;
  base::Result<bool> is_unchanged(const std::vector<std::string>& wanted, Verdicts& verdicts) const;
  base::Result<> deliver(const WatchedBill& bill, const std::vector<std::string>& wanted,
                         std::vector<std::string> files, Verdicts verdicts);
  base::Result<> fail(const std::vector<std::string>& paths, const base::Error& error, Verdicts verdicts);
  base::Result<> settle(Verdicts verdicts);
  base::Result<> mark(const Verdicts& verdicts);
  base::Result<std::set<std::string>> read_again(const Verdicts& verdicts);
  void add(const std::vector<std::string>& files, IngestReport report);
  std::string without_folder(std::string text) const;
  std::string result() const;

  const WatchedPlaces places_;
  const Job& job_;
  JobContext& context_;
  const std::string folder_;
  std::map<std::string, WatchedFile> files_;  // that are there
  Counts counts_;
  IngestReport sums_;
  std::size_t bill_ = 0;  // which one it is at
  std::size_t bills_ = 0;
  bool gave_way_ = false;
  std::optional<base::Error> may_pass_;  // what one of the bills ran into
};

}  // namespace costagent
