// The stub is linked with ICU's data for every mode of --intl (targets/icu/icu_data.S), an
// executable with one of them, and the runtime that CMake links (kiln-stub) with the data of V8's
// archive. ICU looks up what is missing in the data it was given in the data that is linked under
// ICU's own symbol; in the stub that is the data of --intl=none, a subset of the others.
#include "runtime-stub/payload/icu_data.h"

#include "runtime-stub/env/error.h"
#include "runtime-stub/platform/icu.h"

extern "C" {
extern const char kiln_icu_full[] __attribute__((weak));
extern const char kiln_icu_en[] __attribute__((weak));
extern const char kiln_icu_none[] __attribute__((weak));
}

namespace kiln::runtime {

void UseIcuData(std::string_view intl) {
  const char* data = intl == "none" ? kiln_icu_none : intl == "en" ? kiln_icu_en : kiln_icu_full;
  if (!data) return;
  UErrorCode status = 0;
  udata_setCommonData_77(data, &status);
  CHECK(!icu::Failed(status));
}

void IgnoreIcuFiles() {
  UErrorCode status = 0;
  u_setTimeZoneFilesDirectory_77("", &status);
  CHECK(!icu::Failed(status));
}

}  // namespace kiln::runtime
