// `kiln inspect`: lists the contents of an executable that Kiln made.
#pragma once

#include <string>

#include "support/result.h"

namespace kiln {

struct InspectOptions {
  bool verify = false;  // return an error if the payload has been changed
  bool json = false;
};

// Returns the text to print.
Result<std::string> Inspect(const std::string& file, const InspectOptions& options);

}  // namespace kiln
