// Files that an app loads with a function that it puts into require.extensions, the table of
// Node's CommonJS loader: templates, CoffeeScript, text. The bundler cannot know what such a
// function makes of a file, so the file is embedded, and Node's loader calls the function at run
// time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln {

// Whether the text of a module mentions the table: require.extensions or Module._extensions, also
// as packages do that register functions for others (pirates).
bool MentionsExtensionTable(std::string_view text);

// Whether the text assigns the table's function for native addons (`.node`).
bool ReplacesAddonHandler(std::string_view text);

// Whether the file has an extension that neither Node nor Kiln loads by itself.
bool HasForeignExtension(std::string_view path);

// The files with such an extension that a require() of `path`, which was not found, means if the
// table has functions for them: path.EXTENSION, path/index.EXTENSION. In order of their names.
std::vector<std::string> FilesForHandlers(const std::string& path);

}  // namespace kiln
