// Native addons (.node files) cannot be part of a static executable, which has no dlopen. They are
// recognised by their file or by the package that loads it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bundler/packages.h"

namespace kiln {

// Whether it is one of the packages that find and load a .node file, such as `bindings`. Exact
// names only, no subpaths.
bool IsAddonLoader(std::string_view specifier);

// "Package bcrypt@6.0.0 is a native addon …" for the package that holds `file`; "This module is …"
// if that has no package.json with a name. AddonNotes returns what to do about it, for the notes of
// a Diagnostic.
std::string AddonMessage(Packages& packages, const std::string& file);
std::vector<std::string> AddonNotes();

}  // namespace kiln
