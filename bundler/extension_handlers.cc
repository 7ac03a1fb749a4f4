// See extension_handlers.h. A text is searched, not parsed: a mention in a comment has no other
// effect than that files go through Node's loader.
#include "bundler/extension_handlers.h"

#include <algorithm>

#include "support/file.h"

namespace kiln {

bool MentionsExtensionTable(std::string_view text) {
  for (std::string_view name : {"require.extensions", "_extensions", ".extensions["})
    if (text.find(name) != std::string_view::npos) return true;
  return false;
}

bool ReplacesAddonHandler(std::string_view text) {
  for (size_t at = text.find("extensions["); at != std::string_view::npos;
       at = text.find("extensions[", at + 1)) {
    std::string_view rest = text.substr(at + 11);
    if (!rest.starts_with("'.node']") && !rest.starts_with("\".node\"]")) continue;
    rest.remove_prefix(8);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.starts_with('=') && !rest.starts_with("==")) return true;
  }
  return false;
}

bool HasForeignExtension(std::string_view path) {
  std::string extension = ExtensionOf(path);
  if (extension.empty()) return false;
  for (std::string_view known :
       {".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx", ".json", ".wasm", ".node"})
    if (extension == known) return false;
  return true;
}

std::vector<std::string> FilesForHandlers(const std::string& path) {
  std::vector<std::string> files;
  for (const std::string& stem : {path, JoinPath(path, "index")}) {
    auto names = ListDirectory(DirectoryOf(stem));
    if (!names.ok()) continue;
    std::string start = BaseNameOf(stem) + ".";
    for (const std::string& name : *names) {
      std::string file = JoinPath(DirectoryOf(stem), name);
      if (name.starts_with(start) && HasForeignExtension(name) && IsRegularFile(file))
        files.push_back(file);
    }
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace kiln
