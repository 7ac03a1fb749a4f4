// The root certificates that are trusted when an app passes no `ca`: Mozilla's set, which is in the
// executable, and those that the command line and the environment add to it.
#pragma once

#include <openssl/x509.h>

#include "runtime-stub/bindings/crypto/certificates/x509.h"

namespace kiln::runtime {

// Owns one reference to a store.
using StorePointer = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;

// A new store with the current default roots. The caller owns it and may change it.
StorePointer NewRootStore(Env& env);
// The store that this thread's contexts share. Must not be changed; borrowed: take a reference
// (X509_STORE_up_ref) to keep it.
X509_STORE* SharedRootStore(Env& env);

// Functions of internalBinding("crypto"). The getters return arrays of PEM texts and may read
// files; a file that cannot be read is reported on stderr or ignored, never thrown.
// ResetRootCertStore takes an array of PEM texts or bytes, which replace all other roots of this
// thread from then on.
void GetBundledRootCertificates(Env& env, const Args& args);
void GetSystemCaCertificates(Env& env, const Args& args);
void GetExtraCaCertificates(Env& env, const Args& args);
void GetUserRootCertificates(Env& env, const Args& args);
void ResetRootCertStore(Env& env, const Args& args);

}  // namespace kiln::runtime
