// Follows the parts of each path, one by one.
#include "bundler/symbolic_links.h"

#include <limits.h>
#include <unistd.h>

#include <optional>
#include <unordered_map>

#include "bundler/virtual_path.h"
#include "support/file.h"
#include "support/result.h"

namespace kiln {
namespace {

constexpr int kMaxLinks = 40;  // of one path, as in Linux

bool IsWithin(const std::string& path, const std::string& folder) {
  return path == folder || folder == "/" || path.starts_with(folder + "/");
}

class Placer {
 public:
  explicit Placer(const std::string& root) : root_(root) {}

  // The place of a file: its path without the links that are taken over, which are recorded. Empty
  // if the path leads to nothing.
  std::string Place(const std::string& path) {
    std::string done, rest = path;
    int followed = 0;
    for (size_t at = 0; at < rest.size();) {
      size_t end = std::min(rest.find('/', at), rest.size());
      std::string part = rest.substr(at, end - at);
      at = end + 1;
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        done = done.substr(0, done.rfind('/'));
        continue;
      }
      std::string here = done + "/" + part;
      const Link& link = LinkAt(here);
      if (link.target.empty()) {
        done = std::move(here);
        continue;
      }
      if (IsWithin(here, root_) && here != root_) {
        if (link.real.empty()) {
          links_.emplace(here, &link);
          return {};
        }
        if (LeadsOut(done, link)) {
          leading_out_.insert(here);
          return NormalizePath(here + rest.substr(end));
        }
        links_.emplace(here, &link);
      }
      if (++followed > kMaxLinks) return {};
      rest = link.target + rest.substr(end);
      if (link.target[0] == '/') done.clear();
      at = 0;
    }
    return done.empty() ? "/" : done;
  }

  // Removes the links whose target is not in `places`, to which those that stay are added. Returns
  // them, and those that lead out of the root and are in none of `places`.
  std::vector<std::string> RemoveUnused(std::set<std::string>& places) {
    std::map<std::string, const Link*> undecided = links_;
    std::map<std::string, std::string> targets;
    for (const auto& [path, link] : undecided)
      if (!link->real.empty()) targets[path] = Place(path);
    links_.clear();
    for (size_t before = 0; before != undecided.size();) {
      before = undecided.size();
      std::erase_if(undecided, [&](const auto& item) {
        auto target = targets.find(item.first);
        if (target != targets.end() && !IsAmong(target->second, places)) return false;
        places.insert(item.first);
        links_.insert(item);
        return true;
      });
    }
    std::vector<std::string> left_out;
    for (const auto& [path, link] : undecided) left_out.push_back(path);
    for (const std::string& path : leading_out_)
      if (!IsAmong(path, places)) left_out.push_back(path);
    return left_out;
  }

  std::map<std::string, std::string> Targets() const {
    std::map<std::string, std::string> targets;
    for (const auto& [path, link] : links_) targets[path] = TargetOf(path, *link);
    return targets;
  }

 private:
  struct Link {
    std::string target;  // empty: there is no link
    std::string real;    // empty: it leads to nothing, or to itself
  };

  const Link& LinkAt(const std::string& path) {
    auto [entry, is_new] = known_.try_emplace(path);
    if (!is_new) return entry->second;
    char target[PATH_MAX];
    ssize_t size = readlink(path.c_str(), target, sizeof target);
    if (size > 0 && size < ssize_t(sizeof target)) {
      entry->second.target.assign(target, size_t(size));
      if (auto real = RealPath(path); real.ok()) entry->second.real = *real;
    }
    return entry->second;
  }

  // Whether a link in a folder leads out of the root by itself, not only by another link that its
  // target goes through.
  bool LeadsOut(const std::string& folder, const Link& link) const {
    if (IsWithin(link.real, root_)) return false;
    return !IsWithin(NormalizePath(JoinPath(folder, link.target)), root_) ||
           link.target.find("/..", 1) != std::string::npos;
  }

  // Whether a file, or a folder with files, is among `places`.
  bool IsAmong(const std::string& path, const std::set<std::string>& places) const {
    if (path == root_ || places.contains(path)) return true;
    auto below = places.lower_bound(path + "/");
    return below != places.end() && below->starts_with(path + "/");
  }

  // The target in the executable of a link at `path`, whose folder is without links.
  std::string TargetOf(const std::string& path, const Link& link) const {
    const std::string& target = link.target;
    if (target[0] == '/') {
      std::string root = root_ == "/" ? "" : root_;
      if (IsWithin(target, root_) && StaysBelow(root_, target.substr(root.size())))
        return std::string(kVirtualRoot) + target.substr(root.size());
      std::string clean = NormalizePath(target);
      if (IsWithin(clean, root_)) return VirtualPath(clean, root_);
      return link.real.empty() ? target : VirtualPath(link.real, root_);
    }
    if (link.real.empty() || StaysBelow(DirectoryOf(path), target)) return target;
    return RelativePath(link.real, DirectoryOf(path));
  }

  // Whether a target, from a folder, does not lead above the root on its way.
  bool StaysBelow(std::string folder, const std::string& target) const {
    for (size_t at = 0; at < target.size();) {
      size_t end = std::min(target.find('/', at), target.size());
      folder = NormalizePath(JoinPath(folder, target.substr(at, end - at)));
      if (!IsWithin(folder, root_)) return false;
      at = end + 1;
    }
    return true;
  }

  const std::string& root_;
  std::unordered_map<std::string, Link> known_;
  std::map<std::string, const Link*> links_;
  std::set<std::string> leading_out_;
};

}  // namespace

PlacedFiles PlaceFiles(const std::vector<std::string>& files, const std::set<std::string>& links,
                       const std::vector<std::string>& modules, const std::string& root) {
  PlacedFiles placed;
  Placer placer(root);
  for (const std::string& path : files) {
    std::string place = placer.Place(path);
    if (!place.empty() && IsWithin(place, root)) placed.files.emplace(std::move(place), path);
  }
  for (const std::string& path : links) placer.Place(path);
  std::set<std::string> places(modules.begin(), modules.end());
  for (const auto& [place, path] : placed.files) places.insert(place);
  placed.left_out = placer.RemoveUnused(places);
  placed.links = placer.Targets();
  return placed;
}

}  // namespace kiln
