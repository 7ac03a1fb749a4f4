// Base64 with padding, for source maps inside comments.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

std::string Base64(std::string_view bytes);

}  // namespace kiln
