#include "loadlab/plan/suite_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/nearby_file.h"
#include "loadlab/plan/surroundings_reader.h"
#include "loadlab/plan/test_reader.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostTests = 100;  // of a file; one that takes longer than a night is two
constexpr std::size_t kMostFiles = 50;

const std::vector<std::string_view> kSuiteKeys = {"suite", "defaults", "tests", "include"};

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// `suites/quick.yaml` is `quick`, and `suites/costagent/suite.yaml` is `costagent`.
std::string stem_of(const std::string& path) {
  const std::string folder = folder_of(path);
  std::string stem = path.substr(folder.size());
  if (const auto dot = stem.rfind('.'); dot != std::string::npos && dot > 0) stem.resize(dot);
  if (stem != "suite" || folder.size() < 2) return stem;
  const std::string above = folder.substr(0, folder.size() - 1);
  const std::string name = above.substr(above.rfind('/') + 1);
  return name.empty() || name.find('.') == 0 ? stem : name;
}

bool is_one_of(const std::vector<std::string_view>& group, std::string_view key) {
  return std::find(group.begin(), group.end(), key) != group.end();
}

// Both maps' keys. The narrower one's win, and of keys that are one key in different words it holds one for all.
YamlPointer merged(const YamlNode* wide, const YamlNode* narrow) {
  if (!wide && !narrow) return nullptr;
  auto both = std::make_shared<YamlNode>(narrow ? *narrow : *wide);
  if (!wide || !narrow) return both;
  static const std::vector<std::vector<std::string_view>> kGroups = {{"users", "rate", "stages"},
                                                                     {"journeys", "steps"}};
  for (const YamlEntry& entry : wide->entries) {
    bool said = narrow->find(entry.key) != nullptr;
    for (const auto& group : kGroups) {
      if (!is_one_of(group, entry.key)) continue;
      said = said || std::any_of(group.begin(), group.end(), [&](auto key) { return narrow->find(key) != nullptr; });
    }
    if (!said) both->entries.push_back(entry);
  }
  return both;
}

// Keys of a test that stand at the top although there are tests below.
void refuse_test_keys(const YamlNode& root, bool included, Complaints& complaints) {
  std::vector<std::string_view> known = {"suite", "target", "variables", "data",  "defaults", "tests",
                                         "ports", "before", "start",     "after", "include"};
  YamlNode others;
  for (const YamlEntry& entry : root.entries) {
    const bool of_test = is_one_of(test_keys(), entry.key);
    const bool of_suite = is_one_of({"before", "start", "after"}, entry.key);
    if (included && of_suite) {
      complaints.add(entry.key_at,
                     "'{}' would be done around the whole suite; write it into the file that includes this one, or "
                     "under 'defaults', to do it around each test",
                     entry.key);
    } else if (of_test && !is_one_of(known, entry.key)) {
      complaints.add(entry.key_at, "'{}' is a test's key; beside 'tests' put it under 'defaults', or into a test",
                     entry.key);
    } else {
      others.entries.push_back(entry);
    }
  }
  refuse_unknown_keys(others, "a suite", known, complaints);
}

class SuiteReader {
 public:
  SuiteReader(const std::string& path, const Overrides& overrides, OutsideVariables& outside, Complaints& complaints)
      : path_(path), files_(folder_of(path)), complaints_(complaints) {
    context_.outside = &outside;
    context_.budget = &budget_;
    context_.target_override = overrides.target;
    context_.folder = folder_of(path);
    context_.files = &files_;
    context_.ports = &ports_;
    plan_.folder = context_.folder;
    plan_.sources = {path};
    names_ = {path.substr(context_.folder.size())};
  }

  Plan read(const YamlNode& root) {
    plan_.suite = stem_of(path_);
    if (!is_map(root)) return std::move(plan_);
    const YamlEntry* suite = root.find("suite");
    if (suite) plan_.suite = read_name(*suite, complaints_).value_or(plan_.suite);
    read_file(root, "");
    if (root.find("tests") == nullptr && root.find("include") == nullptr) {
      Test& test = plan_.tests.back();
      if (test.name.empty()) test.name = plan_.suite;
      if (!suite) plan_.suite = test.name;
    }
    if (budget_.exhausted()) {
      complaints_.add({},
                      "with constants and defaults put in, the requests of all tests take more than {} MB; use less",
                      TextBudget::kBytes / 1'000'000);
    }
    check_unique_names();
    return std::move(plan_);
  }

 private:
  bool is_map(const YamlNode& root) {
    if (root.kind == YamlNode::Kind::map) return true;
    complaints_.add(root.at, "a plan is a map of keys, as in target: http://127.0.0.1:8080");
    return false;
  }

  // `family` is the name of an included file; empty for the plan's own.
  void read_file(const YamlNode& root, const std::string& family) {
    const PlanContext outer = context_;
    const YamlNode* own_defaults = nullptr;
    if (const YamlEntry* defaults = root.find("defaults")) {
      own_defaults = read_map(*defaults, "a map of a test's keys, as in {think: 1s}", complaints_);
      if (own_defaults) check_defaults(*own_defaults, complaints_);
    }
    const bool is_suite = root.find("tests") != nullptr || root.find("include") != nullptr;
    if (is_suite) {
      // Of a file with one test, these are the test's own.
      if (const YamlEntry* target = root.find("target")) context_.target = target;
      enter("variables", root.find("variables"), own_defaults, context_.variables);
      enter("data", root.find("data"), own_defaults, context_.data);
    } else {
      enter("variables", nullptr, own_defaults, context_.variables);
      enter("data", nullptr, own_defaults, context_.data);
    }
    enter("headers", nullptr, own_defaults, context_.headers);
    const YamlPointer defaults = merged(outer.defaults, own_defaults);
    context_.defaults = defaults.get();
    if (is_suite) {
      refuse_test_keys(root, !family.empty(), complaints_);
      const Variables outer_ports = ports_;
      read_around(root, family.empty());
      if (const YamlEntry* tests = root.find("tests")) read_tests(*tests, family);
      if (const YamlEntry* include = root.find("include")) read_includes(*include);
      ports_ = outer_ports;
    } else {
      context_.more_keys = kSuiteKeys;
      add_test(root, root.at, family);
      if (plan_.tests.back().name.empty()) plan_.tests.back().name = family;
    }
    context_ = outer;
  }

  // From the wide to the narrow.
  static void enter(std::string_view key, const YamlEntry* of_file, const YamlNode* defaults,
                    std::vector<const YamlEntry*>& into) {
    if (of_file) into.push_back(of_file);
    if (const YamlEntry* general = defaults ? defaults->find(key) : nullptr) into.push_back(general);
  }

  void add_test(const YamlNode& map, Position at, const std::string& family) {
    plan_.tests.push_back(read_test(map, context_, complaints_));
    plan_.tests.back().family = family;
    if (const auto& sweep = plan_.tests.back().sweep) {
      for (SweepPoint& point : sweep->points) point.test.family = family;
    }
    places_.push_back(at);
  }

  void read_tests(const YamlEntry& entry, const std::string& family) {
    const YamlNode* list = read_list(entry, kMostTests, "a list of tests", complaints_);
    if (!list) return;
    if (list->items.empty()) complaints_.add(list->at, "tests: the list is empty; it needs at least one test");
    context_.more_keys.clear();
    for (const YamlPointer& item : list->items) {
      if (item->kind != YamlNode::Kind::map) {
        complaints_.add(item->at, "a test is a map with 'name', 'users' or 'rate', and 'steps'");
        continue;
      }
      add_test(*item, item->at, family);
      if (!item->find("name")) complaints_.add(item->at, "this test has no 'name', which reports know it by");
    }
  }

  void read_includes(const YamlEntry& entry) {
    const YamlNode* list = read_list(entry, kMostFiles, "a list of files, as in [load.yaml, stress.yaml]", complaints_);
    if (!list) return;
    for (const YamlPointer& item : list->items) read_include({entry.key, entry.key_at, item});
  }

  void read_include(const YamlEntry& entry) {
    const auto name = read_text(entry, "include: [load.yaml]", complaints_);
    if (!name) return;
    // Beside this one, so that files which tests name, and their commands, are looked for in one folder.
    if (name->empty() || name->find('/') != std::string::npos) {
      complaints_.add(place_of(entry), "include: '{}' is no name of a file beside this one", shown(*name));
      return;
    }
    // So that none includes itself, by others or not, either.
    if (std::find(names_.begin(), names_.end(), *name) != names_.end()) {
      complaints_.add(place_of(entry), "include: '{}' is a part of this suite already", shown(*name));
      return;
    }
    if (names_.size() > kMostFiles) {
      complaints_.add(place_of(entry), "include: more than {} files are too many for one suite", kMostFiles);
      return;
    }
    names_.push_back(*name);
    const auto path = find_nearby_file(plan_.folder, *name, kMaxPlanBytes);
    const auto text = path ? read_nearby_file(*path, kMaxPlanBytes) : path;
    if (!text) {
      complaints_.add(place_of(entry), "include: {}", text.error().message);
      return;
    }
    plan_.sources.push_back(*path);
    const YamlPointer root = parse_yaml(*text, complaints_, complaints_.add_file(*path));
    if (!root || !is_map(*root)) return;
    trees_.push_back(root);
    read_file(*root, stem_of(*path));
  }

  // What is done around the suite, and the ports of a file.
  void read_around(const YamlNode& root, bool of_suite) {
    OutsideVariables& outside = *context_.outside;
    NamedPorts named;
    if (const YamlEntry* entry = root.find("ports")) named = read_ports(*entry, outside, ports_, complaints_);
    if (!of_suite) return;
    Variables variables = outside.all_given();
    if (const YamlEntry* own = root.find("variables")) read_variables(*own, outside, variables, complaints_);
    for (const auto& [name, port] : ports_) variables[name] = port;
    std::string target(context_.target_override);
    if (target.empty() && context_.target) {
      // A target that names what only tests know is theirs alone.
      Complaints unsaid;
      const YamlEntry entry = Constants(variables, outside, unsaid).in_entry(*context_.target);
      if (unsaid.empty() && entry.value->kind == YamlNode::Kind::scalar) target = entry.value->text;
    }
    if (const auto url = parse_url(target)) plan_.target = *url;
    const FindKey find = [&](std::string_view key) { return root.find(key); };
    plan_.around =
        read_surroundings(find, Constants(variables, outside, complaints_), plan_.target.has_value(), complaints_);
    plan_.around.ports = std::move(named);
  }

  void check_unique_names() {
    for (std::size_t i = 0; i < plan_.tests.size(); ++i) {
      const std::string& name = plan_.tests[i].name;
      const auto end = plan_.tests.begin() + static_cast<std::ptrdiff_t>(i);
      if (name.empty() || std::none_of(plan_.tests.begin(), end, [&](const Test& test) { return test.name == name; }))
        continue;
      complaints_.add(places_[i], "two tests are named '{}'; name them apart, as reports know them by name",
                      shown(name));
    }
  }

  const std::string& path_;
  TextBudget budget_;
  DataFiles files_;
  Variables ports_;  // of the file that is read, and of those around it
  Complaints& complaints_;
  PlanContext context_;
  Plan plan_;
  std::vector<Position> places_;    // of the tests
  std::vector<std::string> names_;  // of the files
  std::vector<YamlPointer> trees_;  // of included files, which the tests' readers point into
};

}  // namespace

Plan read_suite(const YamlNode& root, const std::string& path, const Overrides& overrides, OutsideVariables& outside,
                Complaints& complaints) {
  return SuiteReader(path, overrides, outside, complaints).read(root);
}

}  // namespace loadlab
