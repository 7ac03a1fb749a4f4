// Digests, ciphers and HMAC by the names that Node accepts: those of OpenSSL's old tables, in
// any case, with their aliases ("RSA-SHA256", "aes128"). A lookup in OpenSSL takes longer than
// hashing a short string, so each thread remembers what it found. Digests have numbers too,
// which the library passes back instead of names; they are OpenSSL's own and so mean the same
// in every thread and process, and after ForgetAlgorithms().
#include <openssl/objects.h>

#include <atomic>
#include <unordered_map>

#include "runtime-stub/bindings/crypto/common/crypto.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"

namespace kiln::runtime {

namespace {

// Incremented when algorithms must be looked up again.
std::atomic<uint32_t> generation = 0;

// Programs use few spellings of a name. The limit is for those that pass arbitrary ones.
constexpr size_t kMaxNames = 64;

struct Memory {
  uint32_t generation = 0;
  std::unordered_map<std::string, int> digest_ids;  // by name
  std::unordered_map<int, Digest> digests;
  std::unordered_map<std::string, Cipher> ciphers;
  Mac hmac;
};

// This thread's cache.
Memory& Remembered() {
  StartOpenSsl();
  static thread_local Memory memory;
  if (const uint32_t now = generation; memory.generation != now) {
    memory = Memory();
    memory.generation = now;
  }
  return memory;
}

// Also returns an algorithm that no provider has any more (MD4, RC4): using it fails with OpenSSL's
// own error. That one is a constant of OpenSSL, and freeing it has no effect.
Digest LookUp(const EVP_MD* known) {
  if (Digest digest{EVP_MD_fetch(nullptr, EVP_MD_get0_name(known), nullptr)}) return digest;
  ERR_clear_error();
  return Digest(const_cast<EVP_MD*>(known));
}
Cipher LookUp(const EVP_CIPHER* known) {
  if (Cipher cipher{EVP_CIPHER_fetch(nullptr, EVP_CIPHER_get0_name(known), nullptr)}) return cipher;
  ERR_clear_error();
  return Cipher(const_cast<EVP_CIPHER*>(known));
}

}  // namespace

const EVP_MD* FindDigest(const std::string& name, int* id) {
  Memory& memory = Remembered();
  if (auto found = memory.digest_ids.find(name); found != memory.digest_ids.end()) {
    if (id) *id = found->second;
    return memory.digests[found->second].get();
  }
  // An old name of DSA's digest that Node still accepts.
  const bool dss1 = name == "dss1" || name == "DSS1";
  const EVP_MD* known = EVP_get_digestbyname(dss1 ? "sha1" : name.c_str());
  const int nid = known ? EVP_MD_get_type(known) : NID_undef;
  if (nid == NID_undef) return nullptr;
  Digest& digest = memory.digests[nid];
  if (!digest) digest = LookUp(known);
  if (memory.digest_ids.size() == kMaxNames) memory.digest_ids.clear();
  memory.digest_ids[name] = nid;
  if (id) *id = nid;
  return digest.get();
}

const EVP_MD* FindDigest(int id) {
  Memory& memory = Remembered();
  auto found = memory.digests.find(id);
  return found == memory.digests.end() ? nullptr : found->second.get();
}

Digest FetchDigest(const std::string& name) {
  const EVP_MD* digest = FindDigest(name);
  auto* shared = const_cast<EVP_MD*>(digest);
  return digest && EVP_MD_up_ref(shared) ? Digest(shared) : nullptr;
}

Cipher FetchCipher(const std::string& name) {
  Memory& memory = Remembered();
  auto found = memory.ciphers.find(name);
  if (found == memory.ciphers.end()) {
    const EVP_CIPHER* known = EVP_get_cipherbyname(name.c_str());
    if (!known || EVP_CIPHER_get_nid(known) == NID_undef) return nullptr;
    if (memory.ciphers.size() == kMaxNames) memory.ciphers.clear();
    found = memory.ciphers.emplace(name, LookUp(known)).first;
  }
  EVP_CIPHER* shared = found->second.get();
  return EVP_CIPHER_up_ref(shared) ? Cipher(shared) : nullptr;
}

EVP_MAC* FindHmac() {
  Memory& memory = Remembered();
  if (!memory.hmac) memory.hmac.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  return memory.hmac.get();
}

void ForgetAlgorithms() { generation++; }

}  // namespace kiln::runtime
