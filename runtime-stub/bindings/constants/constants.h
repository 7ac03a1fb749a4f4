// The tables behind internalBinding("constants"). Each list is spelled once, as names; the
// values come from the headers of the library that defines them.
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
// Some before and some after defaultCoreCipherList, which is a string.
std::span<const Constant> CryptoConstants();
std::span<const Constant> TlsConstants();
extern const char kDefaultCipherList[];

}  // namespace kiln::runtime
