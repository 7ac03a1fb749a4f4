// All three are LLVM's.
#include "support/hash.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>
#include <llvm/Support/SHA256.h>
#include <llvm/Support/xxhash.h>

namespace kiln {

Sha256::Sha256() : state_(std::make_unique<llvm::SHA256>()) {}
Sha256::~Sha256() = default;

Sha256& Sha256::Add(std::string_view bytes) {
  state_->update(llvm::StringRef(bytes));
  return *this;
}

Sha256& Sha256::AddField(std::string_view bytes) {
  uint64_t size = bytes.size();
  Add({reinterpret_cast<const char*>(&size), sizeof size});
  return Add(bytes);
}

std::array<uint8_t, 32> Sha256::Finish() { return state_->final(); }

std::string Sha256::FinishHex() { return llvm::toHex(Finish(), /*LowerCase=*/true); }

std::string Sha256Hex(std::string_view bytes) { return Sha256().Add(bytes).FinishHex(); }

Blake3::Blake3() : state_(std::make_unique<llvm::BLAKE3>()) {}
Blake3::~Blake3() = default;

Blake3& Blake3::Add(std::string_view bytes) {
  state_->update(llvm::StringRef(bytes));
  return *this;
}

Blake3& Blake3::AddField(std::string_view bytes) {
  uint64_t size = bytes.size();
  Add({reinterpret_cast<const char*>(&size), sizeof size});
  return Add(bytes);
}

Digest Blake3::Finish() { return state_->final<32>(); }

uint64_t DamageHash(std::string_view bytes) { return llvm::xxh3_64bits(llvm::StringRef(bytes)); }

}  // namespace kiln
