// crypto.Certificate: signed public keys with a challenge, as the HTML element <keygen> made them
// (SPKAC). For input that cannot be parsed the result is false or an empty string, never an
// exception.
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

using Spkac = std::unique_ptr<NETSCAPE_SPKI, FreeWith<NETSCAPE_SPKI_free>>;

// False if there is nothing more to do: the argument is empty, or an exception is pending.
bool ReadSpkac(Env& env, const Args& args, Spkac* out) {
  StartOpenSsl();
  std::string text;
  if (!ToBoundedBytes(env, args[0], "spkac", &text)) return false;
  if (text.empty()) {
    args.GetReturnValue().SetEmptyString();
    return false;
  }
  out->reset(NETSCAPE_SPKI_b64_decode(text.data(), int(text.size())));
  return true;
}

}  // namespace

void VerifySpkac(Env& env, const Args& args) {
  ScopedOpenSslErrors drop;
  Spkac spkac;
  if (!ReadSpkac(env, args, &spkac)) return;
  PKey key = spkac ? AdoptPKey(NETSCAPE_SPKI_get_pubkey(spkac.get())) : nullptr;
  args.GetReturnValue().Set(key && NETSCAPE_SPKI_verify(spkac.get(), key.get()) > 0);
}

// PEM
void ExportSpkacPublicKey(Env& env, const Args& args) {
  ScopedOpenSslErrors drop;
  Spkac spkac;
  if (!ReadSpkac(env, args, &spkac)) return;
  PKey key = spkac ? AdoptPKey(NETSCAPE_SPKI_get_pubkey(spkac.get())) : nullptr;
  std::unique_ptr<BIO, FreeWith<BIO_free>> text(BIO_new(BIO_s_mem()));
  if (!key || !PEM_write_bio_PUBKEY(text.get(), key.get()))
    return args.GetReturnValue().SetEmptyString();
  char* data;
  long size = BIO_get_mem_data(text.get(), &data);
  args.GetReturnValue().Set(NewBuffer(env, data, size_t(size)));
}

void ExportSpkacChallenge(Env& env, const Args& args) {
  ScopedOpenSslErrors drop;
  Spkac spkac;
  if (!ReadSpkac(env, args, &spkac)) return;
  unsigned char* text = nullptr;
  int size = spkac ? ASN1_STRING_to_UTF8(&text, spkac->spkac->challenge) : -1;
  if (size < 0) return args.GetReturnValue().SetEmptyString();
  args.GetReturnValue().Set(NewBuffer(env, text, size_t(size)));
  OPENSSL_free(text);
}

}  // namespace kiln::runtime
