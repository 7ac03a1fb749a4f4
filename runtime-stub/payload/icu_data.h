// Which of the linked ICU data a process uses.
#pragma once

#include <string_view>

namespace kiln::runtime {

// Gives ICU the data of `intl`, a mode of --intl: "full", "en" or "none". Call it before anything
// uses ICU. It is for the stub, which has the data of all modes; an executable has one, and for
// that the call does nothing.
void UseIcuData(std::string_view intl);

// Makes ICU ignore ICU_TIMEZONE_FILES_DIR, whose files it would use in place of its own. Call it
// before anything uses ICU.
void IgnoreIcuFiles();

}  // namespace kiln::runtime
