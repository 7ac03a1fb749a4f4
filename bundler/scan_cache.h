// Keeps what ScanModule finds, for the next build and for a module that is scanned twice in one.
//
// A scan depends on the text, the file's name, and on what its context says about other modules. So
// the questions that it asked are kept with the result, and a result is used only if the context
// gives the same answers again.
#pragma once

#include <string>
#include <string_view>

#include "bundler/scan.h"
#include "support/build_cache.h"

namespace kiln {

// The same as ScanModule(text, filename, context). The context is asked the same questions in the
// same order, so what it learns from them does not depend on the cache either.
ModuleScan ScanWithCache(std::string_view text, const std::string& filename,
                         const ScanContext& context, BuildCache& cache);

}  // namespace kiln
