// Chooses the runtime for an app: with the optional components
// (snapshot/format/optional_components.h) that it can use, and those that --with names.
#pragma once

#include "bundler/bundle.h"
#include "compiler/installation.h"
#include "compiler/options.h"

namespace kiln {

// In doubt a component is included: the names of builtin modules and all text of the bundle are
// searched for words that lead to one. All components are included where code that is not known at
// build time may run: options.exec_argv_extension is not "none", or bundle.names_at_run_time. Intl
// and symbols are taken from `options` unchanged. An app that uses a component which was not found
// this way gets an error that names it (runtime-stub/bindings/unavailable.h).
Runtime ChooseRuntime(const Bundle& bundle, const Options& options);

}  // namespace kiln
