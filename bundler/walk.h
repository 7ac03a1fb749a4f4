// The files of a folder, for embedding.
#pragma once

#include <string>
#include <vector>

namespace kiln {

// Regular files below `folder`, absolute, sorted; node_modules, .git and other hidden folders below
// it are omitted, and symbolic links to folders are not followed.
std::vector<std::string> FilesBelow(const std::string& folder);

}  // namespace kiln
