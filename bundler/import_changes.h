// Where a module's text may change what it has imported, as in `config.settings.port = process.env.PORT`.
//
// Judged by tokens, without scopes. Found are assignments to properties of imported values (also
// through a variable for a part of one), `delete`, Object.assign() and the like, wherever they are; and
// outside of functions calls of imported values, and calls that get one, that need not run.
// A call that runs each time is not reported: it does the same in each environment, unless its arguments
// differ. Functions of the module that change what is passed to them are not seen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln {

// A specifier of an import statement or import(), or of a require().
struct NamedModule {
  bool import = false;
  std::string specifier;

  auto operator<=>(const NamedModule&) const = default;
};

struct ImportChange {
  NamedModule changed;
  // What the text names behind the change, so that it may be loaded after it.
  std::vector<NamedModule> named_later;
};

// `text` is JavaScript in UTF-8. Each module is reported once, with the first change of it.
std::vector<ImportChange> FindImportChanges(std::string_view text);

}  // namespace kiln
