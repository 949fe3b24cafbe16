// URLs as they may be shown.
#pragma once

#include <string>
#include <string_view>

namespace base {

// The URL without the password of `scheme://user:password@host`, and without the value of a parameter whose name ends
// in password, passwd, token, key or secret; other text as it is, but for what stands before an '@' where there is no
// scheme.
std::string without_password(std::string_view url);

// Somebody else's words about the URL, with every piece of its password and of such parameters' values blanked out:
// what should have been escaped is taken for a host or a port, and told in an error.
std::string without_password_of(std::string_view url, std::string_view words);

}  // namespace base
