// Numbers as sentences of judgement hold them. Pure.
#pragma once

#include <string>

namespace loadlab {

// Three digits that mean something, never with an exponent: `0.42`, `12.5`, `1440`.
std::string figure(double value);

// `45 s`, `12 min`, `3.5 h`.
std::string span_of(double seconds);

}  // namespace loadlab
