// URLs as they may be shown.
#pragma once

#include <string>
#include <string_view>

namespace base {

// The URL without the password of `scheme://user:password@host` and of a parameter `password=` or `token=`; other text
// as it is.
std::string without_password(std::string_view url);

}  // namespace base
