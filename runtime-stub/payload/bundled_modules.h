// The app's modules (the payload's section kModules, snapshot/format/payload_format.h), read in
// place. A module is identified by its number; 0 is the entry. Nothing is copied and nothing is
// checked before it is asked for: what a damaged section gives is empty, never outside of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/format/payload_format.h"

namespace kiln::runtime {

// `section` must live as long as the process; an empty one means that there are no modules. Call it
// before a second thread runs.
void SetBundledModules(std::span<const uint8_t> section);

namespace bundled {

using format::EdgeTarget;
using format::ModuleKind;

// What a specifier means in a module.
struct Edge {
  EdgeTarget target;
  uint32_t module;             // of kModule
  bool import;                 // otherwise of require()
  std::string_view specifier;  // UTF-8
  std::string_view text;       // of kBuiltin: its name without node:; of kFails: the message
  std::string_view names;      // lines: what import statements take from a builtin; "*" for all
};

// Borrowed views into the section.
struct Module {
  ModuleKind kind;
  uint32_t flags;           // kAtStart, kSpeculative, kOwn, kTwoByte
  std::string_view path;    // virtual, UTF-8
  std::string_view suffix;  // "?query#fragment", usually empty
  std::string_view source;  // Latin-1, or with kTwoByte UTF-16 at an even address
  std::string_view map;     // for PositionTable, or empty
  uint32_t edge_count;

  bool Has(uint32_t flag) const { return flags & flag; }
};

uint32_t Count();
// REQUIRES: number < Count(), here and below.
Module At(uint32_t number);
// An edge by its index in the module, which is less than its edge_count.
Edge EdgeAt(uint32_t number, uint32_t index);
// The number of the module at a path and suffix; nothing if there is none.
std::optional<uint32_t> Find(std::string_view path, std::string_view suffix);
// The meaning of a specifier of an import, or of a require; nothing if it has none.
std::optional<Edge> Resolve(uint32_t number, bool import, std::string_view specifier);
// The number of the first module in order of paths whose path is not less than `path`, as an index
// for ByPath.
uint32_t LowerBound(std::string_view path);
// Modules in order of paths: the number of the one at `index`, which is less than Count().
uint32_t ByPath(uint32_t index);
// The source as UTF-8: its size in bytes, and the text, written to `to`, which must have room for
// that size. Returns false if the section is damaged; the text is then unspecified.
size_t SourceSize(const Module& module);
bool WriteSource(const Module& module, char* to);
std::string SourceText(const Module& module);

}  // namespace bundled
}  // namespace kiln::runtime
