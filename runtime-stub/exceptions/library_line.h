// The lines of Node's library as Node has them. When Kiln is built, lookups of lazy names are
// inserted into the library's text (library/lazy_names.js), and the line at which an exception was
// thrown is printed with it.
#pragma once

#include <string>

namespace kiln::runtime {

// Removes what library/lazy_names.js has inserted into a line of the library: `;name??=…;` after a
// statement, and `(name??=…)` in place of `name`. `start` and `end` are columns (bytes from the
// line's begin), and become those of the same text in the result.
std::string WithoutLookups(const std::string& line, int* start, int* end);

}  // namespace kiln::runtime
