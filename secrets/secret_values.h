// The values that must not get into an executable unnoticed: those of the environment in which it is
// built, of its user and machine, and of the command line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln {

// Kinds of values, as --allow-secret and messages name them.
inline constexpr std::string_view kEnvironmentKind = "environment", kBakeEnvKind = "bake-env",
                                  kDefineKind = "define", kHomeKind = "home", kUserKind = "user",
                                  kHostKind = "host", kFileKind = "file";

struct SecretValue {
  std::string_view kind;
  std::string name;   // of the variable or the definition; empty for home, user and host
  std::string value;  // at least four bytes
  // It counts only where it is a word of its own, and not part of a longer one.
  bool is_word = false;
  // Many texts contain it: it counts only in the app's own, and a folder only with what is below it.
  bool is_common = false;
  // Other variables with the same value.
  std::vector<std::string> other_names = {};
};

// Where a build runs. `environment` has "NAME=VALUE"; unknown names are empty.
struct BuildMachine {
  std::vector<std::string> environment;
  std::string user;
  std::string home;
  std::string host;
};
BuildMachine ThisMachine();

// "NAME=VALUE" of --bake-env, without those for absent variables; [name, value] of --define, where
// the value is JSON or an expression.
using NamedValue = std::pair<std::string, std::string>;
struct GivenValues {
  std::vector<std::string> baked_environment;
  std::vector<NamedValue> defines;
  std::vector<NamedValue> in_files;  // from NamedSecretsIn
};

// What one of the app's own files holds as secret by its name: `DB_PASSWORD=…` in a file .env or
// with settings, `"apiKey": "…"` in JSON, or the only line of a file "api-token". Nothing for other
// files.
std::vector<NamedValue> NamedSecretsIn(std::string_view path, std::string_view text);

// Each value once. Without values that are no secrets: shorter than 8 characters, words, numbers,
// versions, dates, folders that every system has, URLs without a password on the command line,
// variables whose values are harmless, and names of users and machines that many have.
std::vector<SecretValue> SecretValuesOf(const BuildMachine& machine, const GivenValues& given);

}  // namespace kiln
