// Conversion of a JavaScript number to a C++ integer, for arguments that Node's library does not
// validate, or that an app can set directly (server.requestTimeout = Infinity). A plain cast is
// undefined behavior if the number does not fit.
#pragma once

#include <concepts>
#include <limits>

namespace kiln::runtime {

// Truncates toward zero. NaN becomes 0; a number outside of the range, or an infinity, becomes the
// nearest limit. Any thread.
template <std::integral T>
constexpr T Saturate(double number) {
  using Limits = std::numeric_limits<T>;
  // max() + 1 is a power of two, so a double represents it exactly; max() itself may not be
  // representable.
  constexpr double kEnd = 2.0 * double(Limits::max() / 2 + 1);
  if (number != number) return 0;
  if (number >= kEnd) return Limits::max();
  if (number <= double(Limits::min())) return Limits::min();
  return T(number);
}

}  // namespace kiln::runtime
