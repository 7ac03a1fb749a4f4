// Whether deferred code may change what a baked module reads, in other environments than the one that was
// observed: `if (process.env.PORT) config.port = process.env.PORT; require('./server')`, where server.js
// copies config.port. Without PORT nothing changes, and no observed run shows it. So the texts of deferred
// modules are looked through for changes of what they import (ModuleFacts::changes), and baked modules
// that are evaluated after such code, and depend on what it may have changed, are refused.
#pragma once

#include <map>
#include <vector>

#include "baking/observation.h"
#include "baking/verdicts.h"

namespace kiln {

// `observation` is of a run in the app's own order. Returns whether a module was refused.
bool RefuseWhatReadsUncertainChanges(const Observation& observation, const Verdicts& verdicts,
                                     const std::vector<ModuleFacts>& modules,
                                     std::map<int, Deferral>& refused);

}  // namespace kiln
