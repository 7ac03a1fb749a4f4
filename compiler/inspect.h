// What is inside of an executable that Kiln made.
#pragma once

#include <string>

#include "support/result.h"

namespace kiln {

struct InspectOptions {
  bool verify = false;  // an error if the payload has been changed
  bool json = false;
};

// The text to print.
Result<std::string> Inspect(const std::string& file, const InspectOptions& options);

}  // namespace kiln
