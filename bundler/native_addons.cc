// The list of packages that load native addons, and the messages about them.
#include "bundler/native_addons.h"

#include <algorithm>

#include "support/file.h"

namespace kiln {

bool IsAddonLoader(std::string_view specifier) {
  for (std::string_view name :
       {"bindings", "node-gyp-build", "node-gyp-build-optional-packages", "node-pre-gyp",
        "@mapbox/node-pre-gyp", "pkg-prebuilds", "prebuildify-load"})
    if (specifier == name) return true;
  return false;
}

std::string AddonMessage(Packages& packages, const std::string& file) {
  std::string name = "This module";
  std::string root = packages.PackageRootOf(file);
  if (const PackageJson* package = root.empty() ? nullptr : packages.At(root);
      package && !package->name.empty()) {
    name = "Package " + package->name;
    if (const std::string& version = package->json["version"].AsString(); !version.empty())
      name += "@" + version;
  }
  return name + " is a native addon (a .node file), which a static executable cannot load";
}

std::vector<std::string> AddonNotes() {
  return {"Use a package without native code, such as its JavaScript or WebAssembly version.",
          "If the app works without it, load it inside try { } catch { }: then it fails there "
          "with this message."};
}

}  // namespace kiln
