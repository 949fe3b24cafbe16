// What is wrong with a command line, in words for a person.
#pragma once

#include <string>

namespace CLI {
class App;
class Error;
}  // namespace CLI

namespace base {

// For CLI::App::failure_message, of a program whose commands are CLI11's subcommands. An option or a command that isn't
// known is named with the nearest that is, or with where those are listed; of all else CLI11 says what is wrong. Ends
// with a line break. Pure.
std::string wrong_arguments(const CLI::App* app, const CLI::Error& error);

}  // namespace base
