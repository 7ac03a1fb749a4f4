// Which runtime an app gets: OpenSSL is left out when nothing in the app can come upon it.
#pragma once

#include "bundler/bundle.h"
#include "compiler/installation.h"
#include "compiler/options.h"

namespace kiln {

Runtime ChooseRuntime(const Bundle& bundle, const Options& options);

}  // namespace kiln
