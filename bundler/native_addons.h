// Native addons (.node files) cannot be part of a static executable, which has no dlopen. They are
// recognised by their file or by the package that loads it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bundler/packages.h"

namespace kiln {

// Whether it is one of the packages that find and load a .node file.
bool IsAddonLoader(std::string_view specifier);

// "bcrypt@6.0.0 is a native addon, ..." for the package that holds `file`.
std::string AddonMessage(Packages& packages, const std::string& file);
std::vector<std::string> AddonNotes();

}  // namespace kiln
