// Glob patterns. Braces are first expanded into several patterns; each is then split into parts,
// which are matched one by one against the parts of a path or while walking folders.
#include "support/glob.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "support/file.h"

namespace kiln {
namespace {

using Parts = std::vector<std::string_view>;

Parts Split(std::string_view path) {
  Parts parts;
  while (!path.empty()) {
    size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.push_back(part);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return parts;
}

bool HasMagic(std::string_view part) {
  return part.find_first_of("*?[\\") != std::string_view::npos;
}

// {a,b}c -> ac bc. An unbalanced brace is an ordinary character.
void ExpandBraces(std::string_view pattern, std::vector<std::string>& out) {
  size_t open = std::string_view::npos;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\')
      ++i;
    else if (pattern[i] == '{') {
      open = i;
      break;
    }
  }
  std::vector<std::string_view> choices;
  size_t close = std::string_view::npos;
  if (open != std::string_view::npos) {
    int depth = 0;
    size_t start = open + 1;
    for (size_t i = open; i < pattern.size(); ++i) {
      char c = pattern[i];
      if (c == '\\')
        ++i;
      else if (c == '{')
        ++depth;
      else if (c == ',' && depth == 1) {
        choices.push_back(pattern.substr(start, i - start));
        start = i + 1;
      } else if (c == '}' && --depth == 0) {
        choices.push_back(pattern.substr(start, i - start));
        close = i;
        break;
      }
    }
  }
  if (close == std::string_view::npos) {
    out.emplace_back(pattern);
    return;
  }
  for (std::string_view choice : choices) {
    std::string whole(pattern.substr(0, open));
    whole.append(choice).append(pattern.substr(close + 1));
    ExpandBraces(whole, out);
  }
}

// Matches one set [..] and advances `p` past it. Without a closing bracket, [ is an ordinary
// character.
bool MatchSet(std::string_view pattern, size_t& p, char c) {
  size_t i = p + 1;
  bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (size_t first = i; i < pattern.size(); ++i) {
    if (pattern[i] == ']' && i > first) {
      p = i + 1;
      return found != negated;
    }
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    char low = pattern[i], high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = pattern[i + 2];
      i += 2;
    }
    if (low <= c && c <= high) found = true;
  }
  ++p;
  return c == '[';
}

// Matches one part against one name. Backtracks to the last * only, which is sufficient.
bool MatchPart(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  size_t p = 0, n = 0, star = std::string_view::npos, star_n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_n = n;
      continue;
    }
    if (p < pattern.size()) {
      size_t next = p;
      bool matched;
      if (pattern[p] == '?')
        matched = true, ++next;
      else if (pattern[p] == '[')
        matched = MatchSet(pattern, next, name[n]);
      else {
        if (pattern[p] == '\\' && p + 1 < pattern.size()) ++next;
        matched = pattern[next] == name[n];
        ++next;
      }
      if (matched) {
        p = next;
        ++n;
        continue;
      }
    }
    if (star == std::string_view::npos) return false;
    p = star + 1;
    n = ++star_n;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool MatchParts(const Parts& pattern, size_t p, const Parts& path, size_t n) {
  for (; p < pattern.size(); ++p, ++n) {
    if (pattern[p] == "**") {
      for (size_t skip = n; skip <= path.size(); ++skip) {
        if (MatchParts(pattern, p + 1, path, skip)) return true;
        if (skip < path.size() && path[skip].starts_with('.')) return false;
      }
      return false;
    }
    if (n >= path.size() || !MatchPart(pattern[p], path[n])) return false;
  }
  return n == path.size();
}

// Symbolic links to folders are not followed: node_modules of workspaces contain cycles.
bool IsOwnDirectory(const std::string& path) {
  struct stat info = {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool IsLink(const std::string& path) {
  struct stat info = {};
  return lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode);
}

struct Walk {
  const std::string& directory;
  std::set<std::string>& found;
  std::vector<std::string>* links;

  std::string OnDisk(const std::string& path) const {
    return JoinPath(directory, path.empty() ? "." : path);
  }

  void AddTree(const std::string& path) {
    if (IsRegularFile(OnDisk(path))) {
      found.insert(path);
    } else if (auto names = ListDirectory(OnDisk(path)); names.ok()) {
      for (const std::string& name : *names) {
        std::string next = JoinPath(path, name);
        if (IsOwnDirectory(OnDisk(next)) || IsRegularFile(OnDisk(next))) AddTree(next);
        if (links && IsLink(OnDisk(next))) links->push_back(next);
      }
    }
  }

  void Visit(const std::string& path, const Parts& parts, size_t p) {
    if (p == parts.size()) {
      if (Exists(OnDisk(path))) AddTree(path);
      return;
    }
    if (!HasMagic(parts[p])) {
      std::string next = JoinPath(path, parts[p]);
      if (Exists(OnDisk(next))) Visit(next, parts, p + 1);
      return;
    }
    auto names = ListDirectory(OnDisk(path));
    if (!names.ok()) return;
    bool any_depth = parts[p] == "**";
    if (any_depth && p + 1 < parts.size()) Visit(path, parts, p + 1);
    for (const std::string& name : *names) {
      std::string next = JoinPath(path, name);
      if (any_depth) {
        if (name.starts_with('.')) continue;
        if (IsOwnDirectory(OnDisk(next)))
          Visit(next, parts, p);
        else if (p + 1 == parts.size() && IsRegularFile(OnDisk(next)))
          found.insert(next);
      } else if (MatchPart(parts[p], name)) {
        // A folder is included with all its files only if the last part names it without wildcards.
        if (p + 1 < parts.size()) {
          if (IsDirectory(OnDisk(next))) Visit(next, parts, p + 1);
        } else if (IsRegularFile(OnDisk(next))) {
          found.insert(next);
        }
      }
    }
  }
};

}  // namespace

bool GlobMatches(std::string_view pattern, std::string_view path) {
  std::vector<std::string> patterns;
  ExpandBraces(pattern, patterns);
  Parts parts = Split(path);
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& one) {
    return one.starts_with('/') == path.starts_with('/') && MatchParts(Split(one), 0, parts, 0);
  });
}

Result<std::vector<std::string>> ExpandGlob(std::string_view pattern, const std::string& directory,
                                            std::vector<std::string>* links) {
  if (pattern.empty()) return Error{"An empty pattern matches nothing"};
  std::vector<std::string> patterns;
  ExpandBraces(pattern, patterns);
  std::set<std::string> found;
  for (const std::string& one : patterns)
    Walk{directory, found, links}.Visit(IsAbsolutePath(one) ? "/" : "", Split(one), 0);
  return std::vector<std::string>(found.begin(), found.end());
}

}  // namespace kiln
