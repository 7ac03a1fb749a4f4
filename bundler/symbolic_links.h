// Symbolic links on disk become links in the executable, so that fs sees there what it sees on disk:
// pnpm's node_modules, and links among the files that are embedded.
//
// A link is taken over if it is below the folder that becomes /kiln, and what it leads to is there
// too and is embedded. It is also taken over if it leads to nothing. A link that leads out of that
// folder is replaced by a copy of what the app needs behind it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace kiln {

struct PlacedFiles {
  // Where each file is in the executable, to the path it is read from. Both are absolute paths on
  // disk; the first is without links that are taken over and below the root.
  std::map<std::string, std::string> files;
  // The same path of each link, to its target in the executable: what the disk has if that is
  // relative and stays below the root; an absolute one becomes a virtual path, "/kiln/…".
  std::map<std::string, std::string> links;
  // Links that are not taken over because what they lead to is not embedded.
  std::vector<std::string> left_out;
};

// `files` are paths below `root`, which may go through links. `links` are paths on which links may
// be. `modules` are real paths of modules, which are files of the executable without being in
// `files`. All are absolute and normalized; `root` is a real path.
PlacedFiles PlaceFiles(const std::vector<std::string>& files, const std::set<std::string>& links,
                       const std::vector<std::string>& modules, const std::string& root);

}  // namespace kiln
