#include "loadlab/plan/load_plan.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/overrides.h"
#include "loadlab/plan/surroundings_reader.h"
#include "loadlab/plan/test_reader.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kMostTests = 100;  // a suite that takes longer than a night is two suites

const std::vector<std::string_view> kSuiteKeys = {"suite", "defaults", "tests"};

// `suites/quick.yaml` is `quick`.
std::string stem_of(const std::string& name) {
  const auto slash = name.rfind('/');
  std::string stem = slash == std::string::npos ? name : name.substr(slash + 1);
  if (const auto dot = stem.rfind('.'); dot != std::string::npos && dot > 0) stem.resize(dot);
  return stem;
}

void check_unique_names(const std::vector<Test>& tests, const YamlNode& list, Complaints& complaints) {
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const auto same = [&](const Test& test) { return test.name == tests[i].name; };
    if (tests[i].name.empty() || std::none_of(tests.begin(), tests.begin() + static_cast<std::ptrdiff_t>(i), same))
      continue;
    complaints.add(list.items[i]->at, "two tests are named '{}'; name them apart, as reports know them by name",
                   shown(tests[i].name));
  }
}

void read_tests(const YamlEntry& entry, const PlanContext& context, Plan& plan, Complaints& complaints) {
  const YamlNode* list = read_list(entry, kMostTests, "a list of tests", complaints);
  if (!list) return;
  if (list->items.empty()) complaints.add(list->at, "tests: the list is empty; it needs at least one test");
  for (const YamlPointer& item : list->items) {
    plan.tests.emplace_back();
    if (item->kind != YamlNode::Kind::map) {
      complaints.add(item->at, "a test is a map with 'name', 'users' or 'rate', and 'steps'");
      continue;
    }
    plan.tests.back() = read_test(*item, context, complaints);
    if (!item->find("name")) complaints.add(item->at, "this test has no 'name', which reports know it by");
  }
  check_unique_names(plan.tests, *list, complaints);
}

// Keys of a test that stand at the top although there is a list of tests.
void refuse_test_keys(const YamlNode& root, Complaints& complaints) {
  std::vector<std::string_view> known = {"suite", "target", "variables", "data",  "defaults",
                                         "tests", "ports",  "before",    "start", "after"};
  YamlNode others;
  for (const YamlEntry& entry : root.entries) {
    const bool of_test = std::find(test_keys().begin(), test_keys().end(), entry.key) != test_keys().end();
    if (of_test && std::find(known.begin(), known.end(), entry.key) == known.end()) {
      complaints.add(entry.key_at, "'{}' is a test's key; beside 'tests' put it under 'defaults', or into a test",
                     entry.key);
    } else {
      others.entries.push_back(entry);
    }
  }
  refuse_unknown_keys(others, "a suite", known, complaints);
}

void complain_of_budget(const TextBudget& budget, Complaints& complaints) {
  if (!budget.exhausted()) return;
  complaints.add({}, "with constants and defaults put in, the requests of all tests take more than {} MB; use less",
                 TextBudget::kBytes / 1'000'000);
}

// What is done around the suite. `ports` gets its ports as constants.
void read_suite_surroundings(const YamlNode& root, PlanContext& context, Variables& ports, Plan& plan,
                             Complaints& complaints) {
  OutsideVariables& outside = *context.outside;
  Variables variables = outside.all_given();
  if (context.variables) read_variables(*context.variables, outside, variables, complaints);
  NamedPorts named;
  if (const YamlEntry* entry = root.find("ports")) named = read_ports(*entry, outside, ports, complaints);
  for (const auto& [name, port] : ports) variables[name] = port;
  context.ports = &ports;
  const Constants constants(variables, outside, complaints);
  std::string target(context.target_override);
  if (target.empty() && context.target) {
    // A target that names what only tests know is theirs alone.
    Complaints unsaid;
    const YamlEntry entry = Constants(variables, outside, unsaid).in_entry(*context.target);
    if (unsaid.empty() && entry.value->kind == YamlNode::Kind::scalar) target = entry.value->text;
  }
  if (const auto url = parse_url(target)) plan.target = *url;
  const FindKey find = [&](std::string_view key) { return root.find(key); };
  plan.around = read_surroundings(find, constants, plan.target.has_value(), complaints);
  plan.around.ports = std::move(named);
  plan.folder = context.folder;
}

Plan read_plan(const YamlNode& root, const std::string& name, const Overrides& overrides, OutsideVariables& outside,
               Complaints& complaints) {
  Plan plan;
  plan.suite = stem_of(name);
  if (root.kind != YamlNode::Kind::map) {
    complaints.add(root.at, "a plan is a map of keys, as in target: http://127.0.0.1:8080");
    return plan;
  }
  TextBudget budget;
  const YamlEntry* suite = root.find("suite");
  if (suite) plan.suite = read_name(*suite, complaints).value_or(plan.suite);
  PlanContext context;
  context.target = root.find("target");
  context.outside = &outside;
  context.budget = &budget;
  context.target_override = overrides.target;
  if (const auto slash = name.rfind('/'); slash != std::string::npos) context.folder = name.substr(0, slash + 1);
  DataFiles files(context.folder);
  context.files = &files;
  if (const YamlEntry* defaults = root.find("defaults")) {
    context.defaults = read_map(*defaults, "a map of a test's keys, as in {think: 1s}", complaints);
    if (context.defaults) check_defaults(*context.defaults, complaints);
  }
  if (const YamlEntry* tests = root.find("tests")) {
    // Of a file with one test, these are the test's own.
    context.variables = root.find("variables");
    context.data = root.find("data");
    refuse_test_keys(root, complaints);
    Variables ports;
    read_suite_surroundings(root, context, ports, plan, complaints);
    read_tests(*tests, context, plan, complaints);
    complain_of_budget(budget, complaints);
    return plan;
  }
  context.more_keys = kSuiteKeys;
  plan.tests.push_back(read_test(root, context, complaints));
  complain_of_budget(budget, complaints);
  Test& test = plan.tests.back();
  if (test.name.empty()) test.name = plan.suite;
  if (!suite) plan.suite = test.name;
  return plan;
}

}  // namespace

base::Result<Plan> load_plan_text(std::string_view yaml, const std::string& name, const Overrides& overrides) {
  if (const auto checked = check_overrides(overrides); !checked) return base::pass_on(checked);
  Complaints complaints;
  const YamlPointer root = parse_yaml(yaml, complaints);
  if (!root) return base::Failure(complaints.error(name));
  OutsideVariables outside(overrides);
  Plan plan = read_plan(*root, name, overrides, outside, complaints);
  if (!complaints.empty()) return base::Failure(complaints.error(name));
  if (const auto known = outside.check_known(); !known) return base::pass_on(known);
  if (const auto applied = apply_overrides(overrides, plan); !applied) return base::pass_on(applied);
  return plan;
}

base::Result<Plan> load_plan_file(const std::string& path, const Overrides& overrides) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io, "{}: {}", path, std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) return fail(ErrorKind::invalid, "{}: is a folder; name a plan, a YAML file", path);
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::io, "{}: can't be opened: {}", path, std::strerror(errno));
  // One byte more than is allowed, so that what is too large is seen without being read.
  std::string text(kMaxPlanBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail(ErrorKind::io, "{}: can't be read: {}", path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return load_plan_text(text, path, overrides);
}

}  // namespace loadlab
