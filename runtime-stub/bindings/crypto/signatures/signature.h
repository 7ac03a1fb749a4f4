// Shared by Sign, Verify (sign.cc) and SignJob (sign_job.cc): the options of RSA and the two
// encodings of DSA and ECDSA signatures.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {

// kSigEncDER, or kSigEncP1363: r and s, each padded to a fixed size.
enum class SignatureEncoding : int { kDer, kP1363 };

// False with an exception pending if the number is neither.
bool ToSignatureEncoding(Env& env, v8::Local<v8::Value> value, SignatureEncoding* out);
// Nothing for a value that is not an integer of 32 bits.
std::optional<int> ToOptionalInt(v8::Local<v8::Value> value);

// Sets the padding (default: the key's usual one) and the length of PSS's salt. Does nothing for
// keys other than RSA. False with errors in OpenSSL's queue.
bool ApplyRsaOptions(const PKey& key, EVP_PKEY_CTX* context, std::optional<int> padding,
                     std::optional<int> salt_length);

// Convert between DER and P1363. Signatures of other keys than DSA and EC are returned unchanged.
// SignatureToDer returns an empty string if the size is wrong.
std::string SignatureToP1363(const PKey& key, std::string signature);
std::string SignatureToDer(const PKey& key, std::string signature);

// Whether an Ed25519 or Ed448 key, or the point in its signature, has small order. False for other
// keys. Any thread.
bool HasSmallOrderPoint(const PKey& key, std::string_view signature);

}  // namespace kiln::runtime
