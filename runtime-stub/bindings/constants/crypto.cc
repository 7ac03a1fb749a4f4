// Constants of OpenSSL, and the cipher list that tls uses by default.
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/engine.h>
#include <openssl/opensslv.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>

#include "runtime-stub/bindings/constants/constants.h"

namespace kiln {
namespace {

// Gone from OpenSSL's headers, still part of Node's API.
#ifndef RSA_SSLV23_PADDING
#define RSA_SSLV23_PADDING 2
#endif

#define KILN_CRYPTO(V)                                                                             \
  V(OPENSSL_VERSION_NUMBER)                                                                        \
  V(SSL_OP_ALL) V(SSL_OP_ALLOW_NO_DHE_KEX) V(SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION) V(          \
      SSL_OP_CIPHER_SERVER_PREFERENCE) V(SSL_OP_CISCO_ANYCONNECT) V(SSL_OP_COOKIE_EXCHANGE)        \
      V(SSL_OP_CRYPTOPRO_TLSEXT_BUG) V(SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS) V(                      \
          SSL_OP_LEGACY_SERVER_CONNECT) V(SSL_OP_NO_COMPRESSION) V(SSL_OP_NO_ENCRYPT_THEN_MAC)     \
          V(SSL_OP_NO_QUERY_MTU) V(SSL_OP_NO_RENEGOTIATION) V(                                     \
              SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION) V(SSL_OP_NO_SSLv2) V(SSL_OP_NO_SSLv3) \
              V(SSL_OP_NO_TICKET) V(SSL_OP_NO_TLSv1) V(SSL_OP_NO_TLSv1_1) V(SSL_OP_NO_TLSv1_2)     \
                  V(SSL_OP_NO_TLSv1_3) V(SSL_OP_PRIORITIZE_CHACHA) V(SSL_OP_TLS_ROLLBACK_BUG)      \
                      V(ENGINE_METHOD_RSA) V(ENGINE_METHOD_DSA) V(ENGINE_METHOD_DH)                \
                          V(ENGINE_METHOD_RAND) V(ENGINE_METHOD_EC) V(ENGINE_METHOD_CIPHERS)       \
                              V(ENGINE_METHOD_DIGESTS) V(ENGINE_METHOD_PKEY_METHS)                 \
                                  V(ENGINE_METHOD_PKEY_ASN1_METHS) V(ENGINE_METHOD_ALL)            \
                                      V(ENGINE_METHOD_NONE) V(DH_CHECK_P_NOT_SAFE_PRIME)           \
                                          V(DH_CHECK_P_NOT_PRIME) V(DH_UNABLE_TO_CHECK_GENERATOR)  \
                                              V(DH_NOT_SUITABLE_GENERATOR) V(RSA_PKCS1_PADDING)    \
                                                  V(RSA_SSLV23_PADDING) V(RSA_NO_PADDING)          \
                                                      V(RSA_PKCS1_OAEP_PADDING)                    \
                                                          V(RSA_X931_PADDING)                      \
                                                              V(RSA_PKCS1_PSS_PADDING)             \
                                                                  V(RSA_PSS_SALTLEN_DIGEST)        \
                                                                      V(RSA_PSS_SALTLEN_MAX_SIGN)  \
                                                                          V(RSA_PSS_SALTLEN_AUTO)

#define KILN_TLS(V)                                                                    \
  V(TLS1_VERSION)                                                                      \
  V(TLS1_1_VERSION) V(TLS1_2_VERSION) V(TLS1_3_VERSION) V(POINT_CONVERSION_COMPRESSED) \
      V(POINT_CONVERSION_UNCOMPRESSED) V(POINT_CONVERSION_HYBRID)

constexpr Constant kCrypto[] = {KILN_CRYPTO(KILN_CONSTANT)};
constexpr Constant kTls[] = {KILN_TLS(KILN_CONSTANT)};

}  // namespace

const char kDefaultCipherList[] =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:"
    "DHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:DHE-RSA-AES256-SHA384:"
    "ECDHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA256:HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!MD5:"
    "!PSK:!SRP:!CAMELLIA";

std::span<const Constant> CryptoConstants() { return kCrypto; }
std::span<const Constant> TlsConstants() { return kTls; }

}  // namespace kiln
