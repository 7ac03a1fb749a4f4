// Private keys by URL, through OpenSSL's STORE loaders.
#pragma once

#include "runtime-stub/bindings/crypto/common/crypto.h"

namespace kiln::runtime {

// The only private key at {uri, properties}: a file's path, or a URI for a loader that the linked
// OpenSSL has (only that for files). Null with an exception pending.
PKey ReadStore(Env& env, v8::Local<v8::Value> source, v8::Local<v8::Value> passphrase);

}  // namespace kiln::runtime
