// Chooses the runtime for an app: with the optional components
// (snapshot/format/optional_components.h) that it can use, and those that --with names.
#pragma once

#include "bundler/bundle.h"
#include "compiler/installation.h"
#include "compiler/options.h"

namespace kiln {

Runtime ChooseRuntime(const Bundle& bundle, const Options& options);

}  // namespace kiln
