// A check of options that are numbers.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <string>

namespace loadlab {

// Both bounds included. CLI::Range lets `nan` pass, which is neither below a bound nor above one.
inline CLI::Validator number_between(double low, double high) {
  const auto check = [low, high](std::string& text) {
    double value = 0;
    const bool fits = CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
    return fits ? std::string() : fmt::format("{} is no number from {:g} to {:g}", text, low, high);
  };
  return CLI::Validator(check, fmt::format("FLOAT in [{:g} - {:g}]", low, high));
}

}  // namespace loadlab
