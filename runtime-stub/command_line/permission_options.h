// From the options of the command line to the permissions of a thread (env/permissions.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"

namespace kiln::runtime {

// What --permission implies, as in Node: the main script and what --require names can be read, and
// addons are not loaded. Call it once, when all options are known.
void CompletePermissionOptions(RunOptions* options);

// Replaces the permission options by `flags`, which `kiln build` has put into the executable: neither
// the command line nor the environment changes them. Without flags nothing happens.
void BakePermissions(const std::vector<std::string>& flags, RunOptions* options);

// For a worker whose options are parsed: it has the permission model if the thread with the options
// `parent` has it; it may only choose other permissions, and none if they are in the executable.
void InheritPermissions(const RunOptions& parent, RunOptions* options);

// Null without --permission and --permission-audit.
std::shared_ptr<Permissions> PermissionsOf(const RunOptions& options);

// Those of a worker: what its options give, and nothing that `parent` (may be null) lacks.
std::shared_ptr<Permissions> PermissionsOfWorker(const RunOptions& options,
                                                 std::shared_ptr<const Permissions> parent);

}  // namespace kiln::runtime
