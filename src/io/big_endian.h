// Whole numbers as the network has them: the most significant byte first.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>

namespace io {

template <std::unsigned_integral T>
void put_big_endian(T value, char* to) {
  for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8U))
    to[i] = static_cast<char>(value & 0xffU);
}

template <std::unsigned_integral T>
void append_big_endian(std::string& to, T value) {
  char bytes[sizeof(T)];
  put_big_endian(value, bytes);
  to.append(bytes, sizeof(T));
}

template <std::unsigned_integral T>
T get_big_endian(const char* from) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>((value << 8U) | static_cast<unsigned char>(from[i]));
  return value;
}

}  // namespace io
