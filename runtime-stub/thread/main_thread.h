// The main JavaScript thread of a process, from its isolate to its exit code.
#pragma once

#include <optional>
#include <string_view>

#include "runtime-stub/command_line/options.h"
#include "runtime-stub/payload/payload.h"

namespace kiln::runtime {

// Makes the isolate and the main context, from the payload's snapshot if there is one, else by
// booting the library; runs the library's `main_script` ("internal/main/…") and then the loop,
// and ends the process. V8 must have been started. Returns an exit code only if the library could
// not boot. Both arguments must live as long as the process.
int RunMainThread(const RunOptions& options, const std::optional<Payload>& payload,
                  std::string_view main_script);

}  // namespace kiln::runtime
