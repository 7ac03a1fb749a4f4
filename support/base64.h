// Base64 with padding.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// The alphabet with + and /, no line breaks (RFC 4648, section 4). Four characters for each three
// bytes begun; "" for no bytes.
std::string Base64(std::string_view bytes);

}  // namespace kiln
