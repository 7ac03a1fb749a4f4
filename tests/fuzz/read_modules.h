// Reads all that the runtime can read of a kModules section and of a kFiles section, for the unit
// test and the fuzz target of damaged ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime-stub/payload/bundled_modules.h"
#include "runtime-stub/payload/copied_links.h"
#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime {

// A copy in a block of exactly that size: AddressSanitizer reports each byte that is read outside.
struct ExactCopy {
  explicit ExactCopy(std::string_view bytes) : data(new uint8_t[bytes.size()]), size(bytes.size()) {
    if (size > 0) std::memcpy(data.get(), bytes.data(), size);
  }
  std::span<const uint8_t> span() const { return {data.get(), size}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data.get()), size}; }
  std::unique_ptr<uint8_t[]> data;
  size_t size;
};

struct ModulesRead {
  uint64_t modules = 0, edges = 0;
};

// Adds up bytes so that they are read.
inline uint64_t Sum(std::string_view text) {
  uint64_t sum = 0;
  for (char c : text) sum += uint8_t(c);
  return sum;
}

// Afterwards the sections are still set.
inline ModulesRead ReadModules(std::span<const uint8_t> section) {
  SetBundledModules(section);
  ModulesRead result;
  static volatile uint64_t sum = 0;
  for (uint32_t i = 0; i < bundled::Count(); i++) {
    bundled::Module module = bundled::At(i);
    result.modules++;
    sum = sum + Sum(module.path) + Sum(module.suffix) + Sum(module.source) + Sum(module.map) +
          Sum(bundled::SourceText(module));
    (void)bundled::Find(module.path, module.suffix);
    for (uint32_t k = 0; k < module.edge_count; k++) {
      bundled::Edge edge = bundled::EdgeAt(i, k);
      result.edges++;
      sum = sum + Sum(edge.specifier) + Sum(edge.text) + Sum(edge.names);
      (void)bundled::Resolve(i, edge.import, edge.specifier);
      sum = sum + Sum(bundled::At(edge.module).path);
    }
    sum = sum + bundled::ByPath(i);
  }
  return result;
}

// Calls every function for `path`, and for what is in it if it is a folder.
inline void ReadFiles(const std::string& path, int depth) {
  if (!embedded::Owns(path)) return;
  uv_stat_t stat;
  (void)embedded::Stat(path, &stat);
  (void)embedded::LStat(path, &stat);
  (void)embedded::Access(path, 4);
  std::string text;
  (void)embedded::RealPath(path, &text);
  (void)embedded::ReadLink(path, &text);
  (void)embedded::StaysLink(path, embedded::kRoot, &text);
  (void)embedded::Stat(path + "/../.", &stat);
  (void)embedded::ReadFile(path, &text);
  std::vector<embedded::Item> items;
  if (depth == 0 || embedded::List(path, &items) < 0) return;
  // Not through links, which may lead to a folder above.
  for (const embedded::Item& item : items)
    ReadFiles(path + '/' + item.name, item.type == UV_DIRENT_LINK ? 0 : depth - 1);
}

}  // namespace kiln::runtime
