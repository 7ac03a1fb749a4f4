// SHA-256 (FIPS 180-4), in blocks of 64 bytes.
#include "support/hash.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>

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

}  // namespace kiln
