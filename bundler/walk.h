// The files of a folder, for embedding.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace kiln {

// Regular files below `folder`, absolute, sorted; node_modules, .git and other hidden folders below
// it are omitted, and symbolic links to folders are not followed; links to files are included.
// Hidden files are included, folders more than 40 levels deep are not. If there is no such folder,
// the list is empty, and folders that cannot be read are skipped. All links are added to `links`,
// which may be null.
std::vector<std::string> FilesBelow(const std::string& folder,
                                    std::set<std::string>* links = nullptr);

// What DataBelow omits because it is too large.
struct LeftOut {
  const char* what;  // "hidden folders" or "node_modules"
  uint64_t bytes;
};
// What a folder of data has: the same with hidden folders, except those of version control (.git,
// .hg, .svn), with folders named node_modules, and with what links to folders lead to. A link is
// followed only to below the folder that contains `folder`, and neither in node_modules nor to a
// folder around it. All hidden folders together, and all node_modules,
// are omitted if they have more than `limit` bytes. All other links are added to `links`.
std::vector<std::string> DataBelow(const std::string& folder, uint64_t limit,
                                   std::vector<LeftOut>* left_out, std::set<std::string>* links);

// The size of a file in bytes; 0 if it cannot be read.
uint64_t SizeOfFile(const std::string& path);

// For messages: "123 bytes", "45 KB" or "67.8 MB", of 1000 each.
std::string SizeText(uint64_t bytes);

}  // namespace kiln
