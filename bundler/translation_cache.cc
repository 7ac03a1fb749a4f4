// The key has no version of esbuild: a kiln has one, and does not read the cache of another kiln.
#include "bundler/translation_cache.h"

namespace kiln {

Digest TranslationKey(const std::vector<std::string>& flags, LinkForm link, std::string_view source,
                      std::string_view text) {
  std::string all_flags;
  for (const std::string& flag : flags) all_flags += flag + '\0';
  return CacheKeyOf("translation", link == LinkForm::kScope ? "scope" : "modules", all_flags,
                    source, text == source ? std::string_view() : text);
}

std::optional<Translation> FindTranslation(BuildCache& cache, const Digest& key) {
  if (!cache.has_file()) return {};
  std::optional<std::string> value = cache.Find(key);
  if (!value) return {};
  ByteReader in(*value);
  Translation translation;
  translation.code = in.Text();
  translation.map = in.Text();
  for (uint64_t count = in.Number(); count > 0 && in.ok(); --count) {
    EsbuildMessage& message = translation.warnings.emplace_back();
    message.text = in.Text();
    message.location.file = in.Text();
    message.location.line = int(in.Number());
    message.location.column = int(in.Number());
    message.location.length = int(in.Number());
    message.location.line_text = in.Text();
    for (uint64_t notes = in.Number(); notes > 0 && in.ok(); --notes)
      message.notes.emplace_back(in.Text());
  }
  if (!in.AtEnd()) return {};
  return translation;
}

void StoreTranslation(BuildCache& cache, const Digest& key, const Translation& translation) {
  if (!cache.has_file()) return;
  ByteWriter out;
  out.Text(translation.code);
  out.Text(translation.map);
  out.Number(translation.warnings.size());
  for (const EsbuildMessage& message : translation.warnings) {
    out.Text(message.text);
    out.Text(message.location.file);
    out.Number(uint64_t(message.location.line));
    out.Number(uint64_t(message.location.column));
    out.Number(uint64_t(message.location.length));
    out.Text(message.location.line_text);
    out.Number(message.notes.size());
    for (const std::string& note : message.notes) out.Text(note);
  }
  cache.Put(key, out.Take());
}

}  // namespace kiln
