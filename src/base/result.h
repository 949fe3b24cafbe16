// The one channel for failures that come from outside: bad input, a full disk, a peer that is gone.
//
// A function that can fail returns Result<T>. Broken invariants, which only our own mistakes can cause, assert instead.
// Exceptions of third-party libraries are caught where the library is called and turned into an Error there.
#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace base {

enum class ErrorKind {
  invalid,      // the caller's input is wrong; `field` names the part at fault where there is one
  not_found,    // what was asked for does not exist
  conflict,     // it exists already, or its state forbids the change
  too_large,    // a stated bound would be passed
  unavailable,  // a service or a resource is not there now; trying again later may help
  timeout,      // the time that the caller had for it (base/deadline.h) was over before it was done
  io,           // the operating system, the disk or the network failed
  corrupt,      // stored data do not have the form that was written
  cancelled,    // the caller, or a signal, stopped it
  internal,     // a library failed in a way that should not happen
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // a sentence for a person: what, where, what to do
  std::string field{};  // the field of a request, or the key of a plan, at fault; else empty
};

template <class T = void>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

// The failed Result of any type, with a message formatted by fmt.
template <class... Args>
Failure fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return Failure(Error{kind, fmt::format(format, std::forward<Args>(args)...)});
}

// The failed Result for bad input, naming the field at fault.
template <class... Args>
Failure fail_field(std::string field, fmt::format_string<Args...> format, Args&&... args) {
  return Failure(Error{ErrorKind::invalid, fmt::format(format, std::forward<Args>(args)...), std::move(field)});
}

// Hands a failure on to the caller's own Result type.
template <class T>
Failure pass_on(const Result<T>& failed) {
  return Failure(failed.error());
}

}  // namespace base
