// In doubt a component is included. An app reaches one through builtin modules that it names,
// through globals (crypto, fetch), or through code that is not known at build time. The bundle
// lists the modules; for the others, all text of the bundle is searched for words that lead to
// them, in code, strings and comments. An app that escapes this search, by a computed name, gets an
// error that names the component (runtime-stub/bindings/unavailable.h).
#include "compiler/runtime_choice.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>

namespace kiln {
namespace {

using Names = std::span<const std::string_view>;

struct Rule {
  OptionalComponents components;
  Names modules;
  Names words;
};

constexpr OptionalComponents Only(OptionalComponent component) {
  OptionalComponents components;
  components.Add(component);
  return components;
}

// Modules and words that run code from elsewhere, or the executable itself with other code, or
// return bindings.
constexpr std::string_view kCodeModules[] = {"inspector", "module",         "quic", "repl",
                                             "test",      "worker_threads", "vm"};
constexpr std::string_view kInspectorModules[] = {"inspector"};
constexpr std::string_view kCodeWords[] = {"getBuiltinModule", "fork", "execPath", "binding"};

constexpr std::string_view kCryptoModules[] = {"_tls_common", "_tls_wrap", "crypto", "https",
                                               "tls"};
constexpr std::string_view kCryptoWords[] = {"crypto",       "Crypto",      "CryptoKey",
                                             "SubtleCrypto", "KeyObject",   "fetch",
                                             "WebSocket",    "EventSource", "createObjectURL"};

// undici (fetch) uses HTTP/2 with these options.
constexpr std::string_view kHttp2Modules[] = {"http2"};
constexpr std::string_view kHttp2Words[] = {"allowH2", "useH2c"};

// The format of a web compression stream is an argument. fetch and EventSource decode responses.
constexpr std::string_view kEncoderWords[] = {"CompressionStream"};
constexpr std::string_view kDecoderWords[] = {"DecompressionStream", "fetch", "EventSource"};

// Web storage needs the option --experimental-webstorage, which needs all components (below).
constexpr std::string_view kSqliteModules[] = {"sqlite"};

constexpr Rule kRules[] = {
    {OptionalComponents::AllForUnknownCode(), kCodeModules, kCodeWords},
    {Only(OptionalComponent::kInspector), kInspectorModules, {}},
    {Only(OptionalComponent::kCrypto), kCryptoModules, kCryptoWords},
    {Only(OptionalComponent::kHttp2), kHttp2Modules, kHttp2Words},
    {Only(OptionalComponent::kBrotliEncoder), {}, kEncoderWords},
    {Only(OptionalComponent::kBrotliDecoder), {}, kDecoderWords},
    {Only(OptionalComponent::kSqlite), kSqliteModules, {}},
};

// What a byte can be in a word: nothing, a part of it, or the first of a word of the rules.
enum class InWord : uint8_t { kNo, kPart, kFirst };

// All words of the rules, so that each text is read once: it may have many megabytes.
const std::unordered_map<std::string_view, OptionalComponents>& Words() {
  static const auto words = [] {
    std::unordered_map<std::string_view, OptionalComponents> map;
    for (const Rule& rule : kRules)
      for (std::string_view word : rule.words) map[word].Add(rule.components);
    return map;
  }();
  return words;
}

const std::array<InWord, 256>& Bytes() {
  static const auto bytes = [] {
    std::array<InWord, 256> table{};
    for (unsigned c = 0; c < 128; ++c)
      if (std::isalnum(int(c)) || c == '_' || c == '$') table[c] = InWord::kPart;
    for (const auto& [word, components] : Words()) table[uint8_t(word[0])] = InWord::kFirst;
    return table;
  }();
  return bytes;
}

void AddWords(std::string_view text, OptionalComponents* components) {
  const std::array<InWord, 256>& bytes = Bytes();
  for (size_t at = 0; at < text.size();) {
    InWord first = bytes[uint8_t(text[at])];
    size_t end = at;
    while (end < text.size() && bytes[uint8_t(text[end])] != InWord::kNo) end++;
    if (first == InWord::kFirst)
      if (auto found = Words().find(text.substr(at, end - at)); found != Words().end())
        components->Add(found->second);
    at = end + 1;
  }
}

// The names of zlib's functions and classes contain the format and the direction:
// createBrotliCompress, zstdDecompressSync. Where no direction follows ("createBrotli" + x,
// compressBrotli, { br: 'brotli' }), it may be either.
struct Directions {
  bool encode = false, decode = false;
};
Directions FindFormat(std::string_view text, std::string_view name) {
  Directions found;
  for (size_t at = 0; (at = text.find(name, at)) != text.npos;) {
    at += name.size();
    std::string_view rest = text.substr(at);
    bool encode = rest.starts_with("Compress"), decode = rest.starts_with("Decompress");
    found.encode |= encode || !decode;
    found.decode |= decode || !encode;
  }
  return found;
}

void AddFormats(std::string_view text, OptionalComponents* components) {
  for (std::string_view name : {"brotli", "Brotli"}) {
    Directions found = FindFormat(text, name);
    if (found.encode) components->Add(OptionalComponent::kBrotliEncoder);
    if (found.decode) components->Add(OptionalComponent::kBrotliDecoder);
  }
  for (std::string_view name : {"zstd", "Zstd"})
    if (FindFormat(text, name).encode) components->Add(OptionalComponent::kZstdEncoder);
}

void AddForText(std::string_view text, OptionalComponents* components) {
  if (*components == OptionalComponents::All()) return;
  AddWords(text, components);
  AddFormats(text, components);
}

void AddForModule(std::string_view name, OptionalComponents* components) {
  name = name.substr(0, name.find('/'));
  for (const Rule& rule : kRules)
    if (std::find(rule.modules.begin(), rule.modules.end(), name) != rule.modules.end())
      components->Add(rule.components);
}

OptionalComponents ChooseComponents(const Bundle& bundle, const Options& options) {
  OptionalComponents components = options.components;
  for (const std::string& name : bundle.builtins) AddForModule(name, &components);
  // NODE_OPTIONS and the command line can name modules on disk.
  if (options.exec_argv_extension != "none" || bundle.names_at_run_time) {
    components.Add(OptionalComponents::AllForUnknownCode());
    return components;
  }
  AddForText(bundle.script, &components);
  for (const BundledModule& module : bundle.modules) AddForText(module.source, &components);
  for (const EmbeddedFile& file : bundle.files)
    if (!file.is_original && !file.is_link()) AddForText(file.contents, &components);
  return components;
}

}  // namespace

Runtime ChooseRuntime(const Bundle& bundle, const Options& options) {
  return {options.intl, ChooseComponents(bundle, options), options.symbols};
}

}  // namespace kiln
