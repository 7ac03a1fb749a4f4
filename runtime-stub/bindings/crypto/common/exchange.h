// The classes and functions of key agreement, primes, Argon2, functions related to SHAKE, SPKAC and
// OpenSSL's process-wide state, for the table in crypto.cc.
#pragma once

#include "runtime-stub/bindings/crypto/common/crypto.h"

namespace kiln::runtime {

extern const ClassEntry kDiffieHellmanClass, kDiffieHellmanGroupClass, kEcdhClass, kDhBitsJobClass,
    kRandomPrimeJobClass, kCheckPrimeJobClass, kArgon2JobClass, kCShakeJobClass, kKmacJobClass,
    kTurboShakeJobClass, kKangarooTwelveJobClass;
// The shared secret of the two keys, with the length of the prime or coordinate. Any thread. False
// with errors in OpenSSL's queue.
bool DeriveSecret(const PKey& own, const PKey& peer, SecretBytes* secret);

// Functions of internalBinding("crypto"): arguments and results are described in their files.
void EcdhConvertKey(Env& env, const Args& args);
void GetCurves(Env& env, const Args& args);
void VerifySpkac(Env& env, const Args& args);
void ExportSpkacPublicKey(Env& env, const Args& args);
void ExportSpkacChallenge(Env& env, const Args& args);

// ---- process-wide state of OpenSSL (openssl_state.cc)

// Applies --openssl-config, --openssl-legacy-provider and --secure-heap. StartOpenSsl calls it.
void ApplyOpenSslOptions();
// secureBuffer(size): a zero-filled Uint8Array in the secure heap, or in ordinary memory without
// one.
void SecureBuffer(Env& env, const Args& args);
void SecureHeapUsed(Env& env, const Args& args);
// Always throws ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED: engines are shared libraries.
void SetEngine(Env& env, const Args& args);
// 1 or 0: whether FIPS mode is on, and whether a FIPS provider exists.
double GetFipsCrypto(Env& env);
double TestFipsCrypto(Env& env);
// Digests and ciphers are looked up again afterwards, because another implementation may be
// selected now (FIPS mode). Any thread.
void ForgetAlgorithms();
void SetFipsCrypto(Env& env, const Args& args);

}  // namespace kiln::runtime
