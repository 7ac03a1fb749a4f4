// A JavaScript number as an integer of C++, for arguments that the library did not check or
// that an app reaches by assignment (server.requestTimeout = Infinity). The cast alone is
// undefined behaviour when the number does not fit.
#pragma once

#include <concepts>
#include <limits>

namespace kiln::runtime {

// Cuts off the fraction; NaN is 0, and a number beyond the range is the nearest in it.
template <std::integral T>
constexpr T Saturate(double number) {
  using Limits = std::numeric_limits<T>;
  // The first number above the range is a power of two, which a double holds exactly; the
  // greatest inside may be none.
  constexpr double kEnd = 2.0 * double(Limits::max() / 2 + 1);
  if (number != number) return 0;
  if (number >= kEnd) return Limits::max();
  if (number <= double(Limits::min())) return Limits::min();
  return T(number);
}

}  // namespace kiln::runtime
