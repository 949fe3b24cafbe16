// Numbers as sentences of judgement hold them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loadlab {

// Three digits that mean something, never with an exponent: `0.42`, `12.5`, `1440`.
std::string figure(double value);

// With its unit, memory in the one that fits: `0.42`, `512 MB`, `13.0 GB`.
std::string amount(double value, std::string_view unit);

// `1 request`, `20 requests`.
std::string counted(std::uint64_t count, std::string_view noun);

// `45 s`, `12 min`, `3.5 h`.
std::string span_of(double seconds);

}  // namespace loadlab
