// The simdutf functions that lie inside the V8 archive, declared here because the header
// that distributions ship is of a newer version with other signatures. Everybody who wants
// fast UTF-8, Latin-1 or base64 includes this and not <simdutf.h>.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simdutf {

enum error_code : int { SUCCESS = 0 };  // the other values only tell what was wrong

struct result {
  error_code error;
  size_t count;  // where it failed, or what was written
};

enum base64_options : uint64_t { base64_default = 0, base64_url = 1 };
enum last_chunk_handling_options : uint64_t { loose = 0, strict = 1 };

bool validate_utf8(const char* data, size_t length);
result validate_utf8_with_errors(const char* data, size_t length);
bool validate_ascii(const char* data, size_t length);
bool validate_utf16le(const char16_t* data, size_t length);

size_t utf8_length_from_latin1(const char* data, size_t length);
size_t utf8_length_from_utf16le(const char16_t* data, size_t length);
size_t utf16_length_from_utf8(const char* data, size_t length);
size_t latin1_length_from_utf8(const char* data, size_t length);
size_t convert_latin1_to_utf8(const char* data, size_t length, char* out);
size_t convert_utf8_to_latin1(const char* data, size_t length, char* out);
size_t convert_utf8_to_utf16le(const char* data, size_t length, char16_t* out);
size_t convert_valid_utf8_to_utf16le(const char* data, size_t length, char16_t* out);
size_t convert_utf16le_to_utf8(const char16_t* data, size_t length, char* out);
size_t convert_latin1_to_utf16le(const char* data, size_t length, char16_t* out);

size_t base64_length_from_binary(size_t length, base64_options options);
size_t binary_to_base64(const char* data, size_t length, char* out, base64_options options);
size_t maximal_binary_length_from_base64(const char* data, size_t length);
result base64_to_binary_safe(const char* data, size_t length, char* out, size_t& out_length,
                             base64_options options, last_chunk_handling_options last);
result base64_to_binary_safe(const char16_t* data, size_t length, char* out, size_t& out_length,
                             base64_options options, last_chunk_handling_options last);

}  // namespace simdutf
