// The tables of internalBinding("constants"). Each table lists names only; the values come from the
// headers of the system or library that defines them.
#pragma once

#include <span>

namespace kiln::runtime {

// A property of one of the objects. Values are numbers, as in JavaScript.
struct Constant {
  // Static storage.
  const char* name;
  double value;
};
// An element of a table for a macro or enumerator of that name.
#define KILN_CONSTANT(name) {#name, double(name)},

// The tables for os.constants.errno, os.constants.signals, os.constants.dlopen, fs.constants and
// zlib.constants, in the order of the properties. Static storage; any thread.
std::span<const Constant> ErrnoConstants();
std::span<const Constant> SignalConstants();
std::span<const Constant> DlopenConstants();
std::span<const Constant> FsConstants();
std::span<const Constant> ZlibConstants();
// CryptoConstants() come before defaultCoreCipherList, which is a string, and TlsConstants() after
// it: JavaScript can see the order.
std::span<const Constant> CryptoConstants();
std::span<const Constant> TlsConstants();
// crypto.constants.defaultCoreCipherList, in the syntax of OpenSSL (`man ciphers`).
extern const char kDefaultCipherList[];

}  // namespace kiln::runtime
