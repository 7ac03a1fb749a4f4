// The report of a build about baked modules (`kiln build --explain`), as text and as JSON.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "baking/bake_app.h"
#include "support/diagnostics.h"
#include "support/json.h"

namespace kiln {

// Turns the place of a script, by virtual path or URL, into one of the user's files.
using PlaceOf = std::function<Location(const Location&)>;

// "193 of 240 modules baked": of those that a start evaluates.
std::string SummaryOf(const BakedApp& app);

// Lines for people: the summary, each guard with the modules that need it, what modules read that
// the user trusts, and each module that is deferred for a reason of its own, with the place in its
// source, the number of modules that are deferred only because they load it, and the shortest chain
// of loads from the entry. Those with short chains come first: they concern most of the app.
std::vector<std::string> Explain(const BakedApp& app, const std::vector<ModuleFacts>& modules,
                                 const PlaceOf& place_of);

// The same for programs, an object per line: {"type": "bake"} and one of these:
//   "baked", "modules", "bytes", maybe "givenUp"            the summary; bytes of the snapshot
//   "guard", "needed": [path], maybe "local": true         see Verdicts::local_guards
//   "module", "state": "baked" | "deferred", of a baked one maybe "trusted": [{"text", "location"}]
//   (what --bake lets it read), and of a deferred one "cause": "entry" | "read" | "act" | "awaits" |
//   "threw" | "state" | "loads" | "uses" | "keeps", "text", "loads": path (of the last three),
//   "location", "chain": [path], "alsoDeferred": number
std::vector<Json> ExplainAsJson(const BakedApp& app, const std::vector<ModuleFacts>& modules,
                                const PlaceOf& place_of);

}  // namespace kiln
