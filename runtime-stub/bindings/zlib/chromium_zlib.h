// zlib as in Node: Chromium's fork, of which V8's archive contains a copy. It is faster than the
// original and, for the same input, writes the same bytes as Node. Its structures are those of
// zlib.h; its names begin with Cr_z_, so the macros below rename the calls. The inner loop of
// inflate() is our own (inflate_fast.cc).
#pragma once

// Only the functions that our code calls. A file that calls zlib must include this one in place of
// <zlib.h>, which is enough for constants.
#define crc32_z Cr_z_crc32_z
#define deflate Cr_z_deflate
#define deflateEnd Cr_z_deflateEnd
#define deflateInit2_ Cr_z_deflateInit2_
#define deflateParams Cr_z_deflateParams
#define deflateReset Cr_z_deflateReset
#define deflateSetDictionary Cr_z_deflateSetDictionary
#define inflate Cr_z_inflate
#define inflateEnd Cr_z_inflateEnd
#define inflateInit2_ Cr_z_inflateInit2_
#define inflateReset Cr_z_inflateReset
#define inflateSetDictionary Cr_z_inflateSetDictionary

#include <zlib.h>
