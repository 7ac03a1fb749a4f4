// Errs on the side of having OpenSSL. An app reaches it through builtin modules that it
// names, through globals (crypto, fetch), or through code that only run time knows. The
// first are in the bundle; words that lead to the others are looked for in all its text,
// be they code or not. An app that gets around this, by a global with a computed name,
// is told so by an Error (runtime-stub/bindings/crypto_absent.cc).
#include "compiler/runtime_choice.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace kiln {
namespace {

// Modules that use cryptography, or that run code from elsewhere.
constexpr std::string_view kModules[] = {
    "_tls_common", "_tls_wrap", "crypto", "http2", "https",          "inspector", "module",
    "quic",        "repl",      "test",   "tls",   "worker_threads", "vm"};

constexpr std::string_view kWords[] = {
    "crypto", "Crypto",    "CryptoKey",   "SubtleCrypto",    "KeyObject",
    "fetch",  "WebSocket", "EventSource", "createObjectURL", "getBuiltinModule",
    "fork",   "execPath",  "binding"};

bool IsWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$';
}

bool HasWord(std::string_view text, std::string_view word) {
  for (size_t at = 0; (at = text.find(word, at)) != text.npos; at += word.size()) {
    size_t end = at + word.size();
    if ((at == 0 || !IsWordCharacter(text[at - 1])) &&
        (end == text.size() || !IsWordCharacter(text[end])))
      return true;
  }
  return false;
}

bool HasAnyWord(std::string_view text) {
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return HasWord(text, word); });
}

bool NeedsCrypto(const Bundle& bundle, const Options& options) {
  // NODE_OPTIONS and the command line can name modules on disk.
  if (options.exec_argv_extension != "none" || bundle.names_at_run_time) return true;
  for (const std::string& name : bundle.builtins) {
    std::string_view module = std::string_view(name).substr(0, name.find('/'));
    if (std::find(std::begin(kModules), std::end(kModules), module) != std::end(kModules))
      return true;
  }
  return HasAnyWord(bundle.script) ||
         std::any_of(bundle.files.begin(), bundle.files.end(),
                     [](const EmbeddedFile& file) { return HasAnyWord(file.contents); });
}

}  // namespace

Runtime ChooseRuntime(const Bundle& bundle, const Options& options) {
  return {options.intl, NeedsCrypto(bundle, options), options.symbols};
}

}  // namespace kiln
