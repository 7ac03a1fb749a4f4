// Glob patterns, for --asset and for choosing a package's files.
//
// * and ? match within one path part, ** as a whole part matches any number of parts,
// [a-z] and [!a-z] one character, {a,b} alternatives (they may nest). A part that begins
// with a dot is matched only by a pattern part that begins with one. \ quotes the next
// character. Paths use /.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace kiln {

bool GlobMatches(std::string_view pattern, std::string_view path);

// Regular files that match, sorted bytewise, as the pattern spells them (a relative pattern is
// looked up in `directory` and gives paths relative to it). A pattern that names a folder means all
// files below it. Without a match the list is empty.
Result<std::vector<std::string>> ExpandGlob(std::string_view pattern, const std::string& directory);

}  // namespace kiln
