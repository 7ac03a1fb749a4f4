// The tables of internalBinding("constants"). Each table lists names only; the values come from the
// headers of the system or library that defines them.
#pragma once

#include <span>

namespace kiln::runtime {

struct Constant {
  const char* name;
  double value;
};
#define KILN_CONSTANT(name) {#name, double(name)},

std::span<const Constant> ErrnoConstants();
std::span<const Constant> SignalConstants();
std::span<const Constant> DlopenConstants();
std::span<const Constant> FsConstants();
std::span<const Constant> ZlibConstants();
// CryptoConstants() come before defaultCoreCipherList, which is a string, and TlsConstants() after
// it: JavaScript can see the order.
std::span<const Constant> CryptoConstants();
std::span<const Constant> TlsConstants();
extern const char kDefaultCipherList[];

}  // namespace kiln::runtime
