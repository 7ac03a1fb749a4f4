// The files of a folder, for embedding.
#pragma once

#include <string>
#include <vector>

namespace kiln {

// Regular files below `folder`, absolute, sorted; node_modules, .git and other hidden folders below
// it are omitted, and symbolic links to folders are not followed; links to files are included.
// Hidden files are included, folders more than 40 levels deep are not. If there is no such folder,
// the list is empty, and folders that cannot be read are skipped.
std::vector<std::string> FilesBelow(const std::string& folder);

}  // namespace kiln
