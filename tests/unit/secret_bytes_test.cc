// No block of a SecretBytes is freed before its bytes are overwritten. This file replaces
// OPENSSL_cleanse, to record what it overwrites, and operator delete, which looks for the secret.
#include "runtime-stub/bindings/crypto/common/secret_bytes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace {
constexpr std::string_view kSecret = "a secret of forty bytes, which is no SSO";
int cleansed = 0;
int leaked = 0;
}  // namespace

extern "C" void OPENSSL_cleanse(void* block, size_t size) {
  cleansed++;
  std::memset(block, 0, size);
}

void* operator new(size_t size) {
  void* block = std::calloc(1, size < 64 ? 64 : size);
  if (!block) std::abort();
  return block;
}
// Its blocks, too, are freed by the function below.
void* operator new(size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void operator delete(void* block) noexcept {
  if (block && std::memcmp(block, kSecret.data(), 8) == 0) leaked++;
  std::free(block);
}
void operator delete(void* block, size_t) noexcept { operator delete(block); }

namespace kiln::runtime {
namespace {

class SecretBytesTest : public testing::Test {
 protected:
  SecretBytesTest() { cleansed = leaked = 0; }
};

TEST_F(SecretBytesTest, TheTestFindsWhatAStringLeaves) {
  {
    std::string text(kSecret);
  }
  EXPECT_EQ(leaked, 1);
}

TEST_F(SecretBytesTest, Destroyed) {
  {
    SecretBytes secret(kSecret);
  }
  EXPECT_EQ(cleansed, 1);
  EXPECT_EQ(leaked, 0);
}

TEST_F(SecretBytesTest, ShortOnesAreInABlockToo) {
  {
    SecretBytes secret(kSecret.substr(0, 8));
  }
  EXPECT_EQ(cleansed, 1);
  EXPECT_EQ(leaked, 0);
}

TEST_F(SecretBytesTest, Grown) {
  SecretBytes secret(kSecret);
  secret.resize(1000);
  EXPECT_EQ(cleansed, 1);
  secret.append(std::string(10000, 'x'));
  EXPECT_EQ(cleansed, 2);
  EXPECT_EQ(leaked, 0);
  EXPECT_EQ(secret.size(), 11000u);
  EXPECT_EQ(std::string_view(secret).substr(0, kSecret.size()), kSecret);
}

TEST_F(SecretBytesTest, AssignedAndMoved) {
  SecretBytes secret(kSecret);
  secret.assign(std::string(1000, 'x'));
  EXPECT_EQ(cleansed, 1);
  SecretBytes other(kSecret);
  other = std::move(secret);
  EXPECT_EQ(cleansed, 2);
  other = SecretBytes();
  EXPECT_EQ(cleansed, 3);
  EXPECT_EQ(leaked, 0);
}

TEST_F(SecretBytesTest, CutOffBytesGoWithTheBlock) {
  {
    SecretBytes secret(kSecret);
    secret.resize(1);
    EXPECT_EQ(std::string_view(secret), "a");
  }
  EXPECT_EQ(cleansed, 1);
  EXPECT_EQ(leaked, 0);
}

TEST_F(SecretBytesTest, EmptyIsNotNull) {
  const SecretBytes none;
  EXPECT_NE(none.data(), nullptr);
  EXPECT_EQ(std::string_view(none), "");
}

}  // namespace
}  // namespace kiln::runtime
