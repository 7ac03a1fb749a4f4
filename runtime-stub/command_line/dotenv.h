// .env files, for --env-file, process.loadEnvFile and util.parseEnv, in Node's syntax
// (nodejs.org/api/environment_variables.html): KEY=value lines, `export ` prefixes, # comments,
// values in ', " or ` that may span lines, and \n inside double quotes. No input is an error.
// Not thread-safe: ApplyDotenv() changes the environment.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace kiln::runtime {

using DotenvValues = std::map<std::string, std::string>;

// Adds the values of `text`; a later line replaces an earlier one with the same key.
void ParseDotenv(std::string_view text, DotenvValues* values);

// Reads and parses a file. Returns 0, or a negative libuv code and leaves `values` unchanged.
int ReadDotenv(const std::string& path, DotenvValues* values);

// Adds to the environment of the process every value whose variable is not set.
void ApplyDotenv(const DotenvValues& values);

}  // namespace kiln::runtime
