// What makes kiln include an optional component, and what does not.
#include "compiler/runtime_choice.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

OptionalComponents ComponentsOf(const Bundle& bundle, const Options& options = {}) {
  return ChooseRuntime(bundle, options).components;
}

OptionalComponents OfModule(const char* name) {
  Bundle bundle;
  bundle.builtins = {"fs", name};
  return ComponentsOf(bundle);
}

// The components for a text, which must be the same for code and for an embedded file.
OptionalComponents OfText(const char* text) {
  Bundle script, module, file;
  script.script = text;
  module.modules.emplace_back().source = text;
  EXPECT_EQ(ComponentsOf(script), ComponentsOf(module)) << text;
  file.files.push_back({"/kiln/x", text});
  EXPECT_EQ(ComponentsOf(script), ComponentsOf(file)) << text;
  return ComponentsOf(script);
}

OptionalComponents Set(std::initializer_list<OptionalComponent> list) {
  OptionalComponents components;
  for (OptionalComponent component : list) components.Add(component);
  return components;
}

const OptionalComponents kNone;
const OptionalComponents kCrypto = Set({OptionalComponent::kCrypto});

TEST(RuntimeChoice, LeavesOutWhatNothingNames) {
  Bundle bundle;
  bundle.script = "const prefetch = cryptography; see('https://x'); $fetch; zlib.gzipSync(x)";
  bundle.builtins = {"fs", "fs/promises", "http", "net", "path", "zlib"};
  EXPECT_EQ(ComponentsOf(bundle), kNone);
}

TEST(RuntimeChoice, GoesByModules) {
  for (const char* name : {"crypto", "https", "tls", "_tls_wrap"})
    EXPECT_EQ(OfModule(name), kCrypto) << name;
  EXPECT_EQ(OfModule("http2"), Set({OptionalComponent::kCrypto, OptionalComponent::kHttp2}));
  EXPECT_EQ(OfModule("sqlite"), Set({OptionalComponent::kSqlite}));
  for (const char* name : {"vm", "module", "worker_threads"})
    EXPECT_EQ(OfModule(name), OptionalComponents::AllForUnknownCode()) << name;
  EXPECT_EQ(OfModule("inspector/promises"), OptionalComponents::All());
}

TEST(RuntimeChoice, GoesByWords) {
  for (const char* text : {"globalThis.crypto", "a(crypto)", "x['crypto']", "new WebSocket(x)"})
    EXPECT_EQ(OfText(text), kCrypto) << text;
  EXPECT_EQ(OfText("new Agent({ allowH2: true })"), Set({OptionalComponent::kHttp2}));
  EXPECT_EQ(OfText("fetch('x')"),
            Set({OptionalComponent::kCrypto, OptionalComponent::kBrotliDecoder}));
  EXPECT_EQ(OfText("new CompressionStream(f)"), Set({OptionalComponent::kBrotliEncoder}));
  EXPECT_EQ(OfText("new DecompressionStream(f)"), Set({OptionalComponent::kBrotliDecoder}));
  for (const char* text : {"process.getBuiltinModule(x)", "fork('x')", "process.binding('zlib')"})
    EXPECT_EQ(OfText(text), OptionalComponents::AllForUnknownCode()) << text;
}

TEST(RuntimeChoice, GoesByFormatAndDirection) {
  for (const char* text : {"createBrotliCompress()", "zlib.brotliCompressSync", "BrotliCompress"})
    EXPECT_EQ(OfText(text), Set({OptionalComponent::kBrotliEncoder})) << text;
  for (const char* text : {"createBrotliDecompress()", "brotliDecompress(x, f)"})
    EXPECT_EQ(OfText(text), Set({OptionalComponent::kBrotliDecoder})) << text;
  for (const char* text : {"'createBrotli' + x", "{ br: 'brotli' }", "compressBrotli()",
                           "brotliCompress; brotliDecompress"})
    EXPECT_EQ(OfText(text),
              Set({OptionalComponent::kBrotliEncoder, OptionalComponent::kBrotliDecoder}))
        << text;
  EXPECT_EQ(OfText("zstdDecompressSync(x)"), kNone);
  for (const char* text : {"new zlib.ZstdCompress()", "'zstd' + x"})
    EXPECT_EQ(OfText(text), Set({OptionalComponent::kZstdEncoder})) << text;
}

TEST(RuntimeChoice, HasAllForWhatOnlyRunTimeKnows) {
  Bundle bundle;
  Options options;
  options.exec_argv_extension = "env";
  EXPECT_EQ(ComponentsOf(bundle, options), OptionalComponents::AllForUnknownCode());
  bundle.names_at_run_time = true;
  EXPECT_EQ(ComponentsOf(bundle), OptionalComponents::AllForUnknownCode());
  options.components = Set({OptionalComponent::kInspector});
  EXPECT_EQ(ComponentsOf(bundle, options), OptionalComponents::All());
}

TEST(RuntimeChoice, HasWhatIsAskedFor) {
  Bundle bundle;
  bundle.script = "zstdCompress";
  Options options;
  options.components = Set({OptionalComponent::kHttp2});
  EXPECT_EQ(ComponentsOf(bundle, options),
            Set({OptionalComponent::kCrypto, OptionalComponent::kHttp2,
                 OptionalComponent::kZstdEncoder}));
}

}  // namespace
}  // namespace kiln
