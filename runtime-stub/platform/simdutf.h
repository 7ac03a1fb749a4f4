// The functions of simdutf inside the V8 archive (version 6.4.0), declared here because the header
// that distributions ship is of a newer version with other signatures. Code that needs fast UTF-8,
// Latin-1 or base64 must include this and not <simdutf.h>. All functions are thread-safe; the best
// implementation for the processor is chosen at the first call.
//
// Lengths are in units of the encoding that they describe: bytes for UTF-8 and Latin-1, 16-bit
// units for UTF-16. `out` must be large enough for the result; only base64_to_binary_safe() checks.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simdutf {

enum error_code : int { SUCCESS = 0 };  // each other value is a kind of error

struct result {
  error_code error;
  size_t count;  // on failure the position of the error in the input, in units
};

// base64_url: "-" and "_", and no padding in what binary_to_base64() writes. `loose`: the last
// group may lack its padding.
enum base64_options : uint64_t { base64_default = 0, base64_url = 1 };
enum last_chunk_handling_options : uint64_t { loose = 0, strict = 1 };

bool validate_utf8(const char* data, size_t length);
result validate_utf8_with_errors(const char* data, size_t length);
bool validate_ascii(const char* data, size_t length);
bool validate_utf16le(const char16_t* data, size_t length);

// The exact length of the converted text. The input must be valid; for other input the number is
// meaningless.
size_t utf8_length_from_latin1(const char* data, size_t length);
size_t utf8_length_from_utf16le(const char16_t* data, size_t length);
size_t utf16_length_from_utf8(const char* data, size_t length);
size_t latin1_length_from_utf8(const char* data, size_t length);
// Return the number of units written, or 0 if the input is invalid or cannot be represented (a
// character above U+00FF in Latin-1); `out` may then be partly written. Latin-1 is always
// valid. convert_valid_… does not check its input, which must be valid.
size_t convert_latin1_to_utf8(const char* data, size_t length, char* out);
size_t convert_utf8_to_latin1(const char* data, size_t length, char* out);
size_t convert_utf8_to_utf16le(const char* data, size_t length, char16_t* out);
size_t convert_valid_utf8_to_utf16le(const char* data, size_t length, char16_t* out);
size_t convert_utf16le_to_utf8(const char16_t* data, size_t length, char* out);
size_t convert_latin1_to_utf16le(const char* data, size_t length, char16_t* out);

// The number of characters that binary_to_base64() writes.
size_t base64_length_from_binary(size_t length, base64_options options);
size_t binary_to_base64(const char* data, size_t length, char* out, base64_options options);
// An upper bound of the number of bytes that the text decodes to.
size_t maximal_binary_length_from_base64(const char* data, size_t length);
// Decode base64; white space is skipped. `out_length` is the capacity of `out` before the call and
// the number of bytes written after it.
result base64_to_binary_safe(const char* data, size_t length, char* out, size_t& out_length,
                             base64_options options, last_chunk_handling_options last);
result base64_to_binary_safe(const char16_t* data, size_t length, char* out, size_t& out_length,
                             base64_options options, last_chunk_handling_options last);

}  // namespace simdutf
