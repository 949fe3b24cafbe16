#include "base/wrong_arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "base/printable.h"

namespace base {
namespace {

// The words that nothing was found for. Of a lack of what is required they may be the reason.
std::vector<std::string> unknown_words(const CLI::App& app, const CLI::Error& error) {
  const bool may_be_unknown = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                              dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  return may_be_unknown ? app.remaining(true) : std::vector<std::string>();
}

std::string unknown(std::string_view what, const std::string& word, const std::vector<std::string>& known,
                    const std::string& command) {
  const auto meant = nearest(word, {known.begin(), known.end()});
  return fmt::format("unknown {} '{}'{} ({} --help)\n", what, printable(word),
                     meant ? fmt::format("; did you mean '{}'?", *meant) : "", command);
}

std::vector<std::string> long_options(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

}  // namespace

std::string wrong_arguments(const CLI::App* app, const CLI::Error& error) {
  const std::vector<std::string> words = unknown_words(*app, error);
  const auto chosen = app->get_subcommands();
  const CLI::App& command = chosen.empty() ? *app : *chosen.back();
  const std::string name = app->get_name() + (chosen.empty() ? "" : " " + command.get_name());
  const auto option = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return word.size() > 1 && word[0] == '-' && word != "--";
  });
  if (option != words.end()) {
    // What stands behind an '=' is its value.
    return unknown("option", option->substr(0, option->find('=')), long_options(command), name);
  }
  if (chosen.empty() && !words.empty()) return unknown("command", words.front(), commands_of(*app), name);
  return CLI::FailureMessage::simple(app, error);
}

}  // namespace base
