// Any bytes are a plan, or a complaint about one: never a crash, and never a message without its place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "loadlab/plan/load_plan.h"

namespace {

// A plan that was accepted keeps what plan.h promises.
void require(bool holds) {
  if (!holds) std::abort();
}

void check(const loadlab::Plan& plan) {
  require(!plan.tests.empty());
  for (const loadlab::Test& test : plan.tests) {
    require(!test.name.empty() && !test.target.host.empty() && test.duration().count() > 0 && !test.loads.empty());
    for (const loadlab::Journey& journey : test.loads.front().journeys) {
      require(!journey.steps.empty());
      for (const loadlab::RowUse& use : journey.fill.rows) require(use.source < test.data.size());
      for (const loadlab::Draw& draw : journey.fill.draws) require(draw.slot < journey.variables.size());
      for (const loadlab::Step& step : journey.steps) {
        require(!step.path.pieces.empty() && !step.name.empty() && !step.method.empty());
        for (const loadlab::Draw& draw : step.draws) require(draw.slot < journey.variables.size());
        for (const loadlab::Template* part : {&step.path, &step.body}) {
          for (const auto& piece : part->pieces) {
            const auto* variable = std::get_if<loadlab::Template::Variable>(&piece);
            require(!variable || variable->slot < journey.variables.size());
          }
        }
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto plan = loadlab::load_plan_text(text, "plan.yaml", {});
  if (plan) {
    check(*plan);
  } else {
    require(plan.error().message.starts_with("plan.yaml:"));
  }
  (void)loadlab::parse_threshold(text);
  (void)loadlab::parse_url(text);
  (void)loadlab::parse_duration(text);
  return 0;
}
