// Looks for secrets in an app while it is built, and reports them (docs/options.md, --strict).
#pragma once

#include <string_view>

#include "bundler/bundle.h"
#include "bundler/user_places.h"
#include "compiler/options.h"
#include "compiler/progress.h"
#include "secrets/secret_search.h"
#include "support/diagnostics.h"
#include "support/result.h"

namespace kiln {

// Searches the app's modules and files for values of this machine and of the options, and the app's
// own ones also for keys.
SecretSearch SearchBundle(const Bundle& bundle, const Options& options);

// Searches what evaluated modules have left: what is in `state` and not in `without`, which may be
// empty, and the guards.
void SearchSnapshot(SecretSearch& search, std::string_view state, std::string_view without,
                    std::string_view guards);

// Adds a warning for each secret that --allow-secret does not name, with --strict an error, and
// reports it for programs: {"type": "secret", "severity": "warning" | "error", "kind", "names":
// [string], "value": its first three characters, "places": [{"in": "text" | "state" | "guards",
// "file", "line", "column", "encoding"}], "placeCount"}, where what is not known is left out. Values
// are never printed whole. An Error with --strict if there is a secret.
Result<> ReportSecrets(const SecretSearch& search, const Options& options, const UserPlaces& places,
                       Diagnostics& diagnostics, Progress& progress);

}  // namespace kiln
