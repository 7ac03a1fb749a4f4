// The files of a folder, for embedding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln {

// Regular files below `folder`, absolute, sorted; node_modules, .git and other hidden folders below
// it are omitted, and symbolic links to folders are not followed; links to files are included.
// Hidden files are included, folders more than 40 levels deep are not. If there is no such folder,
// the list is empty, and folders that cannot be read are skipped.
std::vector<std::string> FilesBelow(const std::string& folder);

// What a folder of data has: the same with hidden folders, except those of version control (.git,
// .hg, .svn), and with links to folders, unless they lead to a folder around them. Folders named
// node_modules are included if all that is below them has at most `limit` bytes; if it has more,
// `*too_large` becomes that size. In these, links to folders are not followed.
std::vector<std::string> DataBelow(const std::string& folder, uint64_t limit, uint64_t* too_large);

// The size of a file in bytes; 0 if it cannot be read.
uint64_t SizeOfFile(const std::string& path);

// For messages: "123 bytes", "45 KB" or "67.8 MB", of 1000 each.
std::string SizeText(uint64_t bytes);

}  // namespace kiln
