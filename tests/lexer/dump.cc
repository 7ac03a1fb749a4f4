// Prints the results of the lexer and the scan for JavaScript files, for compare.js.
//
// Each line of standard input is a path. For each file it prints a line "file PATH", then a line
// for each token, for each reference that the scan found, and one for the module:
//
//   KIND START END FLAGS    KIND is a letter (kKinds); START and END are byte offsets; FLAGS is
//                           the sum of 1 (in a function's body), 2 (in the block of a `try`),
//                           4 (outside of brackets), 8 (a line break comes before it)
//   ref KIND OFFSET FLAGS SPECIFIER   of import, export … from, import() and require() with a
//                           literal name; FLAGS as above, 1 and 2 only; SPECIFIER is JSON
//   module BALANCED ESM AWAIT   1 or 0: all brackets match; has the syntax of ES modules; has
//                           an `await` outside of functions
#include <cstdio>
#include <iostream>
#include <string>

#include "bundler/lexer.h"
#include "bundler/scan.h"
#include "support/file.h"
#include "support/json.h"

namespace kiln {
namespace {

// By TokenKind.
constexpr char kKinds[] = "npsdrTHMLe";

const char* NameOf(RefKind kind) {
  switch (kind) {
    case RefKind::kImport:
      return "import";
    case RefKind::kDynamicImport:
      return "import()";
    case RefKind::kRequire:
      return "require";
    default:
      return nullptr;  // depends on what a variable holds, which no syntax tree shows
  }
}

void Dump(const std::string& path, const std::string& text) {
  std::printf("file %s\n", path.c_str());
  for (const Token& token : Tokenize(text).tokens) {
    if (token.kind == TokenKind::kEnd) break;
    int flags = token.in_function + 2 * token.in_try + 4 * token.outermost + 8 * token.new_line;
    std::printf("%c %u %u %d\n", kKinds[int(token.kind)], token.start, token.end, flags);
  }
  ModuleScan scan = ScanModule(text, path, {[](const std::string&) { return std::string(); }, {}});
  for (const ModuleRef& ref : scan.refs)
    if (const char* kind = NameOf(ref.kind); kind && !ref.evaluated)
      std::printf("ref %s %u %d %s\n", kind, ref.offset, ref.in_function + 2 * ref.in_try,
                  QuoteJson(ref.specifier).c_str());
  std::printf("module %d %d %d\n", scan.balanced, scan.esm_syntax, scan.top_level_await);
}

}  // namespace
}  // namespace kiln

int main() {
  for (std::string path; std::getline(std::cin, path);) {
    auto text = kiln::ReadFile(path);
    if (!text.ok()) {
      std::fprintf(stderr, "%s\n", text.error().text.c_str());
      return 1;
    }
    kiln::Dump(path, *text);
  }
  return 0;
}
