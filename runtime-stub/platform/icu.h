// The few functions of the ICU inside the V8 archive that Kiln calls itself. Its symbols
// end in the version; the headers that distributions have are of other versions.
#pragma once

#include <cstdint>

namespace kiln::runtime::icu {
struct ToUnicodeArgs;  // UConverterToUnicodeArgs; only ever handed back
}

extern "C" {

using UChar = char16_t;
using UBool = int8_t;
using UErrorCode = int;  // failures are above zero
struct UConverter;

const char* u_errorName_77(UErrorCode code);
void udata_setCommonData_77(const void* data, UErrorCode* status);
const char* ucal_getTZDataVersion_77(UErrorCode* status);
int32_t u_getIntPropertyValue_77(int32_t c, int which);
UBool u_hasBinaryProperty_77(int32_t c, int which);
int8_t u_charType_77(int32_t c);

UConverter* ucnv_open_77(const char* name, UErrorCode* status);
void ucnv_close_77(UConverter* converter);
void ucnv_reset_77(UConverter* converter);
int8_t ucnv_getMinCharSize_77(const UConverter* converter);
int ucnv_getType_77(const UConverter* converter);
int32_t ucnv_toUCountPending_77(const UConverter* converter, UErrorCode* status);
void ucnv_toUnicode_77(UConverter* converter, UChar** target, const UChar* target_limit,
                       const char** source, const char* source_limit, int32_t* offsets, UBool flush,
                       UErrorCode* status);
using ToUnicodeCallback = void (*)(const void* context, kiln::runtime::icu::ToUnicodeArgs* args,
                                   const char* bytes, int32_t length, int reason,
                                   UErrorCode* error);
void ucnv_setToUCallBack_77(UConverter* converter, ToUnicodeCallback action, const void* context,
                            ToUnicodeCallback* old_action, const void** old_context,
                            UErrorCode* status);
void ucnv_cbToUWriteUChars_77(kiln::runtime::icu::ToUnicodeArgs* args, const UChar* source,
                              int32_t length, int32_t offset_index, UErrorCode* error);
void UCNV_TO_U_CALLBACK_STOP_77(const void*, kiln::runtime::icu::ToUnicodeArgs*, const char*,
                                int32_t, int, UErrorCode*);
}

namespace kiln::runtime::icu {

// Values of unicode/uchar.h, unicode/utypes.h and unicode/ucnv.h.
constexpr int kEmojiPresentation = 58, kEmojiModifier = 59;
constexpr int kEastAsianWidth = 0x1004;
enum Width { kNeutral, kAmbiguous, kHalfwidth, kFullwidth, kNarrow, kWide };
constexpr uint32_t kEnclosingMark = 1u << 7, kNonSpacingMark = 1u << 6;
constexpr uint32_t kControlChar = 1u << 15, kFormatChar = 1u << 16;
constexpr UErrorCode kIllegalArgument = 1, kInvalidChar = 10;
constexpr int kIrregular = 2;  // UCNV_UNASSIGNED, UCNV_ILLEGAL and UCNV_IRREGULAR are 0 to 2
constexpr int kUtf8Converter = 4, kUtf16BigEndian = 5, kUtf16LittleEndian = 6;

inline bool Failed(UErrorCode status) { return status > 0; }

}  // namespace kiln::runtime::icu
