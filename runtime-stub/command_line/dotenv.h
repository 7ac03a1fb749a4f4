// .env files, for --env-file, process.loadEnvFile and util.parseEnv: KEY=value lines,
// `export ` prefixes, # comments, three kinds of quotes that may span lines, and \n inside
// double quotes. The result is sorted by key; a later line for the same key wins.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace kiln::runtime {

using DotenvValues = std::map<std::string, std::string>;

void ParseDotenv(std::string_view text, DotenvValues* values);

// Reads and parses a file. 0, or a negative libuv code; values read before stay.
int ReadDotenv(const std::string& path, DotenvValues* values);

// Puts every value that is not set yet into the environment of the process.
void ApplyDotenv(const DotenvValues& values);

}  // namespace kiln::runtime
