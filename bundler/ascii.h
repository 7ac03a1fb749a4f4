// Makes JavaScript ASCII where esbuild leaves it otherwise: in comments, in regular
// expressions, whose text it never changes, and in tagged templates, whose text programs
// can see.
#pragma once

#include <string>

namespace kiln {

// Changes comments (to `?`) and regular expressions (to \u escapes) in `code`, JavaScript in UTF-8.
// False if characters outside of ASCII remain; then esbuild must translate the text with
// kNoTemplates. Line numbers do not change, columns may.
bool MakeAscii(std::string& code);

// The esbuild flag that turns templates into calls with plain strings.
constexpr const char* kNoTemplates = "--supported:template-literal=false";

bool IsAscii(const std::string& text);

}  // namespace kiln
