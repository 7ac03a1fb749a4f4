// `kiln inspect`: lists the contents of an executable that Kiln made.
#pragma once

#include <string>

#include "support/result.h"

namespace kiln {

struct InspectOptions {
  bool verify = false;  // return an error if the content hash does not match the payload
  bool json = false;    // one JSON object on one line, instead of text for people
};

// Returns the text to print, ending in a newline: V8's version, architecture and format, sections
// with their sizes, options, baked modules and their guards, embedded files, and whether the payload is intact. An Error if `file`
// cannot be read or contains no payload. Reads executables of any target without running them.
Result<std::string> Inspect(const std::string& file, const InspectOptions& options);

}  // namespace kiln
