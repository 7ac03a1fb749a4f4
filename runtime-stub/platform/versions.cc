// The versions of what is linked in, or left out of this executable, from the libraries' own
// headers; of Brotli, which has none there, from its package. What Node's library
// brings along as JavaScript (acorn, undici, ...) has the version that came with it.
#include "runtime-stub/platform/versions.h"

#include <ada.h>
#include <ares.h>
#include <llhttp.h>
#include <nghttp2/nghttp2ver.h>
#include <openssl/opensslv.h>
#include <sqlite3.h>
#include <uv.h>
#include <v8.h>
#include <zlib.h>
#include <zstd.h>

#include "runtime-stub/platform/icu.h"

namespace kiln::runtime {

namespace {

// The time zones are data: what --icu-data-dir or a build with other data brings counts.
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
      {"modules", "137"},
      {"napi", "10"},
      {"nghttp2", NGHTTP2_VERSION},
      {"openssl", OPENSSL_VERSION_STR},
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
