// .env files, read the way Node reads them: util.parseEnv, process.loadEnvFile and
// --env-file share this.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln {

// The variables of a file's text, each once, sorted by name; a later line replaces an
// earlier one. Lines that are no assignment are passed over.
std::vector<std::pair<std::string, std::string>> ParseDotenv(std::string_view text);

}  // namespace kiln
