// What brings a family of native code into an app, and what does not.
#include "compiler/runtime_choice.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

Families FamiliesOf(const Bundle& bundle, const Options& options = {}) {
  return ChooseRuntime(bundle, options).families;
}

Families OfModule(const char* name) {
  Bundle bundle;
  bundle.builtins = {"fs", name};
  return FamiliesOf(bundle);
}

// The same text as code and as a file that the app carries.
Families OfText(const char* text) {
  Bundle script, file;
  script.script = text;
  file.files.push_back({"/kiln/x", text});
  EXPECT_EQ(FamiliesOf(script), FamiliesOf(file)) << text;
  return FamiliesOf(script);
}

Families Set(std::initializer_list<Family> list) {
  Families families;
  for (Family family : list) families.Add(family);
  return families;
}

const Families kNone;
const Families kCrypto = Set({Family::kCrypto});

TEST(RuntimeChoice, LeavesOutWhatNothingNames) {
  Bundle bundle;
  bundle.script = "const prefetch = cryptography; see('https://x'); $fetch; zlib.gzipSync(x)";
  bundle.builtins = {"fs", "fs/promises", "http", "net", "path", "zlib"};
  EXPECT_EQ(FamiliesOf(bundle), kNone);
}

TEST(RuntimeChoice, GoesByModules) {
  for (const char* name : {"crypto", "https", "tls", "_tls_wrap"})
    EXPECT_EQ(OfModule(name), kCrypto) << name;
  EXPECT_EQ(OfModule("http2"), Set({Family::kCrypto, Family::kHttp2}));
  for (const char* name : {"inspector/promises", "vm", "module", "worker_threads"})
    EXPECT_EQ(OfModule(name), Families::All()) << name;
}

TEST(RuntimeChoice, GoesByWords) {
  for (const char* text : {"globalThis.crypto", "a(crypto)", "x['crypto']", "new WebSocket(x)"})
    EXPECT_EQ(OfText(text), kCrypto) << text;
  EXPECT_EQ(OfText("new Agent({ allowH2: true })"), Set({Family::kHttp2}));
  EXPECT_EQ(OfText("fetch('x')"), Set({Family::kCrypto, Family::kBrotliDecoder}));
  EXPECT_EQ(OfText("new CompressionStream(f)"), Set({Family::kBrotliEncoder}));
  EXPECT_EQ(OfText("new DecompressionStream(f)"), Set({Family::kBrotliDecoder}));
  for (const char* text : {"process.getBuiltinModule(x)", "fork('x')", "process.binding('zlib')"})
    EXPECT_EQ(OfText(text), Families::All()) << text;
}

TEST(RuntimeChoice, GoesByFormatAndDirection) {
  for (const char* text : {"createBrotliCompress()", "zlib.brotliCompressSync", "BrotliCompress"})
    EXPECT_EQ(OfText(text), Set({Family::kBrotliEncoder})) << text;
  for (const char* text : {"createBrotliDecompress()", "brotliDecompress(x, f)"})
    EXPECT_EQ(OfText(text), Set({Family::kBrotliDecoder})) << text;
  for (const char* text : {"'createBrotli' + x", "{ br: 'brotli' }", "compressBrotli()",
                           "brotliCompress; brotliDecompress"})
    EXPECT_EQ(OfText(text), Set({Family::kBrotliEncoder, Family::kBrotliDecoder})) << text;
  EXPECT_EQ(OfText("zstdDecompressSync(x)"), kNone);
  for (const char* text : {"new zlib.ZstdCompress()", "'zstd' + x"})
    EXPECT_EQ(OfText(text), Set({Family::kZstdEncoder})) << text;
}

TEST(RuntimeChoice, HasAllForWhatOnlyRunTimeKnows) {
  Bundle bundle;
  Options options;
  options.exec_argv_extension = "env";
  EXPECT_EQ(FamiliesOf(bundle, options), Families::All());
  bundle.names_at_run_time = true;
  EXPECT_EQ(FamiliesOf(bundle), Families::All());
}

TEST(RuntimeChoice, HasWhatIsAskedFor) {
  Bundle bundle;
  bundle.script = "zstdCompress";
  Options options;
  options.families = Set({Family::kHttp2});
  EXPECT_EQ(FamiliesOf(bundle, options),
            Set({Family::kCrypto, Family::kHttp2, Family::kZstdEncoder}));
}

}  // namespace
}  // namespace kiln
