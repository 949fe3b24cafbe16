#include "loadlab/cli/doctor_command.h"

#include <cstdio>

#include "loadlab/cli/doctor.h"
#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

constexpr const char* kFooter = R"(
Each line is ok, warn (it costs something, or depends on the target) or bad, with what to do.
Exit codes: 0 nothing is bad, 1 something would bend results, 2 the arguments are wrong.
)";

constexpr int kMostUsers = 100'000;  // as many as a plan may have

}  // namespace

DoctorCommand::DoctorCommand(CLI::App& app)
    : command_(app.add_subcommand("doctor", "Check whether this machine would bend a load test, and what to do")) {
  command_->footer(kFooter);
  command_->add_option("--users", users_, "would so many users fit, connected at once? (1000)")
      ->type_name("N")
      ->check(CLI::Range(1, kMostUsers));
  command_->add_option("--rate", rate_, "would so many requests a second fit, as in 5000/s? (1000/s)")->type_name("R");
  command_->add_flag("--json", json_, "for programs: one JSON object, schema loadlab.doctor/1");
}

ExitCode DoctorCommand::run() const {
  Need need;
  need.users = users_.value_or(need.users);
  if (rate_) {
    const auto rate = parse_rate(*rate_);
    if (!rate) {
      std::fprintf(stderr, "--rate: %s\n", rate.error().message.c_str());
      return ExitCode::usage;
    }
    need.rate = *rate;
  }
  const auto findings = examine(read_machine_limits(), measure_clock_cost(), need);
  std::fputs((json_ ? doctor_json(findings, need) : doctor_text(findings, need)).c_str(), stdout);
  return worst(findings) == Level::bad ? ExitCode::fail : ExitCode::pass;
}

}  // namespace loadlab
