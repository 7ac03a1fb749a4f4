// What brings OpenSSL into an app, and what does not.
#include "compiler/runtime_choice.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

bool HasCrypto(const Bundle& bundle, const Options& options = {}) {
  return ChooseRuntime(bundle, options).crypto;
}

TEST(RuntimeChoice, LeavesOpenSslOut) {
  Bundle bundle;
  bundle.script = "const prefetch = cryptography; see('https://x'); $fetch";
  bundle.builtins = {"fs", "fs/promises", "http", "path"};
  EXPECT_FALSE(HasCrypto(bundle));
}

TEST(RuntimeChoice, HasOpenSslForModules) {
  for (const char* name : {"crypto", "https", "tls", "inspector/promises", "vm"}) {
    Bundle bundle;
    bundle.builtins = {"fs", name};
    EXPECT_TRUE(HasCrypto(bundle)) << name;
  }
}

TEST(RuntimeChoice, HasOpenSslForWords) {
  for (const char* text : {"fetch('x')", "globalThis.crypto", "a(crypto)", "x['crypto']"}) {
    Bundle script, file;
    script.script = text;
    file.files.push_back({"/kiln/x", text});
    EXPECT_TRUE(HasCrypto(script)) << text;
    EXPECT_TRUE(HasCrypto(file)) << text;
  }
}

TEST(RuntimeChoice, HasOpenSslForWhatOnlyRunTimeKnows) {
  Bundle bundle;
  Options options;
  options.exec_argv_extension = "env";
  EXPECT_TRUE(HasCrypto(bundle, options));
  bundle.names_at_run_time = true;
  EXPECT_TRUE(HasCrypto(bundle));
}

}  // namespace
}  // namespace kiln
