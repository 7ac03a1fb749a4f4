// What Sign, Verify (sign.cc) and SignJob (sign_job.cc) have in common: the options of RSA
// and the two encodings of DSA and ECDSA signatures.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {

// kSigEncDER, or kSigEncP1363: r and s, each padded to a fixed size.
enum class SignatureEncoding : int { kDer, kP1363 };

// False with an exception when the number is neither.
bool ToSignatureEncoding(Env& env, v8::Local<v8::Value> value, SignatureEncoding* out);
std::optional<int> ToOptionalInt(v8::Local<v8::Value> value);

// For an RSA key: the padding (its usual one by default) and the length of PSS's salt.
bool ApplyRsaOptions(const PKey& key, EVP_PKEY_CTX* context, std::optional<int> padding,
                     std::optional<int> salt_length);

// Signatures of keys that are neither DSA nor EC pass unchanged. ToDer is empty when the
// size is wrong.
std::string SignatureToP1363(const PKey& key, std::string signature);
std::string SignatureToDer(const PKey& key, std::string signature);

// Whether an Ed25519 or Ed448 key, or the point in its signature, is of small order. False for
// other keys. Any thread.
bool HasSmallOrderPoint(const PKey& key, std::string_view signature);

}  // namespace kiln::runtime
