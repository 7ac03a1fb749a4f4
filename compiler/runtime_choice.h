// Which runtime an app gets: with those components of native code (snapshot/format/optional_components.h) that
// it can come upon, and those that --with names.
#pragma once

#include "bundler/bundle.h"
#include "compiler/installation.h"
#include "compiler/options.h"

namespace kiln {

Runtime ChooseRuntime(const Bundle& bundle, const Options& options);

}  // namespace kiln
