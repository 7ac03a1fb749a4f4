// The few functions of the ICU inside the V8 archive that Kiln calls directly. Its symbols end in
// the version (77); the headers that distributions have are of other versions. The declarations
// follow the headers of ICU 77 (unicode/utypes.h, unicode/uchar.h, unicode/ucnv.h and others).
//
// ICU's error convention: *status must be 0 before the call; a function that is called with a
// failure in it does nothing. Texts that are returned are constants of ICU. A converter must be
// used by one thread at a time; the other functions are thread-safe.
#pragma once

#include <cstdint>

namespace kiln::runtime::icu {
struct ToUnicodeArgs;  // UConverterToUnicodeArgs; a callback only passes it on to ICU
}

extern "C" {

using UChar = char16_t;
using UBool = int8_t;
using UErrorCode = int;  // 0: success; above: a failure; below: a warning
struct UConverter;

// "U_ILLEGAL_ARGUMENT_ERROR" for 1, …
const char* u_errorName_77(UErrorCode code);
// Borrows the data file (icudt77l.dat), which must stay valid until the process ends. Call it
// before any function that needs data.
void udata_setCommonData_77(const void* data, UErrorCode* status);
// The folder with newer time zone data (default: ICU_TIMEZONE_FILES_DIR); empty: none. Call it before
// any function that needs time zones.
void u_setTimeZoneFilesDirectory_77(const char* path, UErrorCode* status);
// The version of the time zone data in use, such as "2025b".
const char* ucal_getTZDataVersion_77(UErrorCode* status);
// Properties of the code point `c`. `which` is a UProperty, such as kEastAsianWidth below;
// u_charType() returns the general category (UCharCategory), of which the masks below have the
// bits.
int32_t u_getIntPropertyValue_77(int32_t c, int which);
UBool u_hasBinaryProperty_77(int32_t c, int which);
int8_t u_charType_77(int32_t c);

// A converter by a name or alias of its character set; null with a failure in *status if unknown.
// The caller must close it.
UConverter* ucnv_open_77(const char* name, UErrorCode* status);
void ucnv_close_77(UConverter* converter);
// Discards the state of an incomplete character.
void ucnv_reset_77(UConverter* converter);
// Bytes of the shortest character; the type is a UConverterType, such as kUtf8Converter below.
int8_t ucnv_getMinCharSize_77(const UConverter* converter);
int ucnv_getType_77(const UConverter* converter);
// Bytes of an incomplete character that the converter holds.
int32_t ucnv_toUCountPending_77(const UConverter* converter, UErrorCode* status);
// Converts bytes to UTF-16 and advances *source and *target past what was read and written; stops
// with U_BUFFER_OVERFLOW_ERROR (15) when the target is full. `offsets` may be null. `flush`: this
// is the last piece of the text.
void ucnv_toUnicode_77(UConverter* converter, UChar** target, const UChar* target_limit,
                       const char** source, const char* source_limit, int32_t* offsets, UBool flush,
                       UErrorCode* status);
// Called for bytes that have no conversion. `reason` is a UConverterCallbackReason: kIrregular or
// less is such an error; larger values announce reset, close and clone. The callback clears *error
// to continue; ucnv_cbToUWriteUChars() writes replacement characters from inside of it.
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
