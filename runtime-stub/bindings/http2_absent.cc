// internalBinding("http2") of an executable without OpenSSL. It is empty: the library's
// http2 modules need cryptography and refuse to load before they look here. The symbol is
// weak: http2/ replaces it.
#include "runtime-stub/binding/binding.h"

namespace kiln {

extern const Binding kHttp2Binding;
__attribute__((weak)) const Binding kHttp2Binding = {.name = "http2"};

}  // namespace kiln
