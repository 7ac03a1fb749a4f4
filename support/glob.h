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

// Whether the whole `path` matches. It is text only: nothing is looked up on disk. An absolute
// pattern matches absolute paths only, a relative one relative paths only.
bool GlobMatches(std::string_view pattern, std::string_view path);

// Regular files that match, sorted bytewise, as the pattern spells them (a relative pattern is
// looked up in `directory` and gives paths relative to it). A pattern that names a folder means all
// files below it, hidden ones included; ** does not enter folders whose name begins with a dot, and
// symbolic links to folders are not followed below either. Folders that cannot be read are skipped.
// Without a match the list is empty; the only Error is an empty pattern.
// Symbolic links below a folder that is meant whole are added to `links`, which may be null.
Result<std::vector<std::string>> ExpandGlob(std::string_view pattern, const std::string& directory,
                                            std::vector<std::string>* links = nullptr);

}  // namespace kiln
