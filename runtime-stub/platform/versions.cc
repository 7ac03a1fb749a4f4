// The versions of the linked libraries, of optional components too, from their own headers; that of
// Brotli, whose headers have none, from its package. Dependencies that are JavaScript in Node's library
// (acorn, undici, …) have the versions of that library.
#include "runtime-stub/platform/versions.h"

#include <ada.h>
#include <ares.h>
#include <llhttp.h>
#include <merve.h>
#include <nghttp2/nghttp2ver.h>
#include <openssl/opensslv.h>
#include <simdjson.h>
#include <sqlite3.h>
#include <uv.h>
#include <v8.h>
#include <zlib.h>
#include <zstd.h>

#include "runtime-stub/platform/icu.h"

namespace kiln::runtime {

namespace {

// Read from ICU's data, which --icu-data-dir and --intl choose.
std::string TimeZoneDataVersion() {
  UErrorCode status = 0;
  const char* version = ucal_getTZDataVersion_77(&status);
  return icu::Failed(status) ? std::string() : std::string(version);
}

}  // namespace

#define STRING_(x) #x
#define STRING(x) STRING_(x)

std::vector<std::pair<const char*, std::string>> RuntimeVersions() {
  return {
      {"node", KILN_NODE_VERSION},
      {"acorn", "8.18.0"},
      {"ada", ADA_VERSION},
      {"amaro", "1.1.11"},
      {"ares", ARES_VERSION_STR},
      {"brotli", KILN_BROTLI_VERSION},
      {"cldr", "47.0"},
      {"icu", "77.1"},
      {"kiln", KILN_VERSION},
      {"llhttp", STRING(LLHTTP_VERSION_MAJOR) "." STRING(LLHTTP_VERSION_MINOR) "." STRING(
                     LLHTTP_VERSION_PATCH)},
      {"merve", MERVE_VERSION},
      {"modules", "137"},
      {"napi", "10"},
      {"nghttp2", NGHTTP2_VERSION},
      {"openssl", OPENSSL_VERSION_STR},
      {"simdjson", SIMDJSON_VERSION},
      {"simdutf", "6.4.0"},
      {"sqlite", SQLITE_VERSION},
      {"tz", TimeZoneDataVersion()},
      {"undici", "7.29.1"},
      {"unicode", "16.0"},
      {"uv", uv_version_string()},
      {"v8", v8::V8::GetVersion()},
      {"zlib", ZLIB_VERSION},
      {"zstd", ZSTD_VERSION_STRING},
  };
}

}  // namespace kiln::runtime
