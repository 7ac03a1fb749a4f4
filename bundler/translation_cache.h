// Keeps what esbuild, and what follows it, made of a module's text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundler/bundle.h"
#include "bundler/esbuild.h"
#include "support/build_cache.h"

namespace kiln {

// A translation without errors. `map` is the source map of `code` (JSON), "" if there is none.
struct Translation {
  std::string code;
  std::string map;
  std::vector<EsbuildMessage> warnings;
};

// `flags` are all that esbuild gets, `source` the file, and `text` what esbuild is given of it.
Digest TranslationKey(const std::vector<std::string>& flags, LinkForm link, std::string_view source,
                      std::string_view text);
std::optional<Translation> FindTranslation(BuildCache& cache, const Digest& key);
void StoreTranslation(BuildCache& cache, const Digest& key, const Translation& translation);

}  // namespace kiln
