#include "loadlab/plan/stage_reader.h"

#include "loadlab/plan/fields.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/load_reader.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostStages = 200;

// One stage; its duration is zero where it could not be read.
Stage read_stage(const YamlNode& map, bool open, Complaints& complaints) {
  Stage stage;
  refuse_unknown_keys(map, "a stage", {"duration", "users", "rate", "ramp"}, complaints);
  const YamlEntry* level = map.find(open ? "rate" : "users");
  const YamlEntry* other = map.find(open ? "users" : "rate");
  if (other != nullptr) {
    complaints.add(other->key_at, "the stages of a load all say 'users', or all say 'rate'; the first says '{}'",
                   open ? "rate" : "users");
  } else if (level == nullptr) {
    complaints.add(map.at, "this stage has no '{}', the level at its end", open ? "rate" : "users");
  } else if (open) {
    stage.level = read_rate(*level, 0, complaints).value_or(0);
  } else if (const auto users = read_whole(*level, {0, kMostUsers, kReasonOfUsers}, complaints)) {
    stage.level = static_cast<double>(*users);
  }
  const YamlEntry* duration = map.find("duration");
  if (duration == nullptr) {
    complaints.add(map.at, "this stage has no 'duration'; write one, as in duration: 30s");
    return stage;
  }
  const DurationBounds bounds{kShortestTest, kLongestTest, kReasonOfDuration};
  stage.duration = read_duration(*duration, bounds, complaints).value_or(kShortestTest);
  stage.ramp = stage.duration;
  if (const YamlEntry* ramp = map.find("ramp")) {
    stage.ramp = read_duration(*ramp, {Nanoseconds(0), stage.duration, "a ramp is part of its stage"}, complaints)
                     .value_or(stage.duration);
  }
  return stage;
}

}  // namespace

std::optional<double> read_rate(const YamlEntry& entry, double lowest, Complaints& complaints) {
  const auto text = read_text(entry, "rate: 500/s", complaints);
  if (!text) return std::nullopt;
  const auto rate = parse_rate(*text);
  if (!rate) {
    complaints.add(place_of(entry), "rate: {}", rate.error().message);
    return std::nullopt;
  }
  if (*rate < lowest || *rate > kHighestRate) {
    complaints.add(place_of(entry), "rate: '{}' is not above 0 and up to 1000000/s", shown(*text));
    return std::nullopt;
  }
  return *rate;
}

std::optional<StageList> read_stages(const YamlEntry& entry, Complaints& complaints) {
  constexpr std::string_view kExample = "a list of stages, as in [{duration: 30s, users: 50}]";
  const std::size_t before = complaints.size();
  const YamlNode* list = read_list(entry, kMostStages, kExample, complaints);
  if (list == nullptr) return std::nullopt;
  StageList stages;
  double highest = 0;
  Nanoseconds total{0};
  for (const YamlPointer& item : list->items) {
    if (item->kind != YamlNode::Kind::map) {
      complaints.add(item->at, "a stage is a map, as in {{duration: 30s, users: 50}}");
      continue;
    }
    if (stages.stages.empty()) stages.open = item->find("rate") != nullptr;
    stages.stages.push_back(read_stage(*item, stages.open, complaints));
    highest = std::max(highest, stages.stages.back().level);
    total += stages.stages.back().duration;
  }
  if (list->items.empty()) complaints.add(list->at, "stages: expected {}, not an empty list", kExample);
  if (complaints.size() != before) return std::nullopt;
  if (highest == 0) complaints.add(list->at, "stages: none of them reaches a level above zero");
  if (total > kLongestTest)
    complaints.add(list->at, "stages: together they last longer than {} ({})", format_duration(kLongestTest),
                   kReasonOfDuration);
  if (complaints.size() != before) return std::nullopt;
  return stages;
}

}  // namespace loadlab
