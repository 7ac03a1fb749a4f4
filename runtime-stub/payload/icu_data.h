// Which of the linked ICU data a process uses.
#pragma once

#include <string_view>

namespace kiln::runtime {

// Gives ICU the data of a mode of --intl: full, en or none. Call it before anything uses ICU.
// For the stub, which has them all; does nothing where that mode's data is not linked in.
void UseIcuData(std::string_view intl);

}  // namespace kiln::runtime
