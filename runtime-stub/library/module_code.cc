// V8 compares the flags with those of the process that has made a code cache. The snapshot builder has
// others, such as a fixed hash seed, which make no difference to code; so V8 is told what it
// expects, by the linker's --wrap of the function that it asks.
#include "runtime-stub/library/module_code.h"

#include <charconv>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "runtime-stub/library/library.h"
#include "runtime-stub/payload/bundled_modules.h"
#include "runtime-stub/payload/module_code.h"

namespace kiln::runtime {

namespace {

using v8::ScriptCompiler;

// In V8's header of a code cache.
constexpr size_t kFlagHash = 3 * sizeof(uint32_t);
thread_local uint32_t t_accepted_flags = 0;  // 0: V8's own

// More is not compiled in advance: the executable would grow by more than the text.
constexpr size_t kMostText = 8 << 20;

// A CommonJS module is the body of a function, compiled as bindings/contextify/compile.cc does.
std::unique_ptr<ScriptCompiler::CachedData> Compile(v8::Local<v8::Context> context, uint32_t number,
                                                    const bundled::Module& module) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::HandleScope handles(isolate);
  v8::TryCatch caught(isolate);  // an error is thrown when the module is loaded
  auto name = [&](std::string_view text) {
    return v8::String::NewFromUtf8(isolate, text.data(), v8::NewStringType::kInternalized,
                                   int(text.size()))
        .ToLocalChecked();
  };
  const bool is_module = module.kind == bundled::ModuleKind::kEsm;
  v8::ScriptOrigin origin(name(module.path), 0, 0, true, -1, {}, false, false, is_module);
  ScriptCompiler::Source source(ModuleSourceString(isolate, number), origin);
  std::unique_ptr<ScriptCompiler::CachedData> code;
  if (is_module) {
    v8::Local<v8::Module> compiled;
    if (ScriptCompiler::CompileModule(isolate, &source, ScriptCompiler::kEagerCompile)
            .ToLocal(&compiled))
      code.reset(ScriptCompiler::CreateCodeCache(compiled->GetUnboundModuleScript()));
  } else {
    v8::Local<v8::String> parameters[] = {name("exports"), name("require"), name("module"),
                                          name("__filename"), name("__dirname")};
    v8::Local<v8::Function> compiled;
    if (ScriptCompiler::CompileFunction(context, &source, std::size(parameters), parameters, 0,
                                        nullptr, ScriptCompiler::kEagerCompile)
            .ToLocal(&compiled))
      code.reset(ScriptCompiler::CreateCodeCacheForFunction(compiled));
  }
  return code;
}

}  // namespace

BundledCode::BundledCode(v8::Local<v8::String> source) {
  constexpr std::string_view kModule = "module ";
  const std::string name = SourceNameOf(source);
  uint32_t number = 0;
  if (!name.starts_with(kModule) ||
      std::from_chars(name.data() + kModule.size(), name.data() + name.size(), number).ec !=
          std::errc())
    return;
  code_ = ModuleCode(number);
  if (code_.size() < kFlagHash + sizeof t_accepted_flags) code_ = {};
  if (!code_.empty())
    std::memcpy(&t_accepted_flags, code_.data() + kFlagHash, sizeof t_accepted_flags);
}

BundledCode::~BundledCode() { t_accepted_flags = 0; }

ScriptCompiler::CachedData* BundledCode::Take() const {
  if (code_.empty()) return nullptr;
  return new ScriptCompiler::CachedData(code_.data(), int(code_.size()));
}

std::string MakeModuleCode(v8::Local<v8::Context> context, size_t blob_size) {
  v8::Context::Scope entered(context);
  std::string out;
  std::vector<format::CodeEntry> entries;
  auto align = [&] { out.resize((blob_size + out.size() + 15) / 16 * 16 - blob_size); };
  size_t text = 0;
  for (uint32_t number = 0; number < bundled::Count(); number++) {
    const bundled::Module module = bundled::At(number);
    if (module.Has(format::kAtStart) || module.source.empty() ||
        (module.kind != bundled::ModuleKind::kCommonJs && module.kind != bundled::ModuleKind::kEsm))
      continue;
    text += module.source.size();
    if (text > kMostText) break;
    std::unique_ptr<ScriptCompiler::CachedData> code = Compile(context, number, module);
    if (!code) continue;
    align();
    entries.push_back({number, uint32_t(code->length), blob_size + out.size()});
    out.append(reinterpret_cast<const char*>(code->data), size_t(code->length));
  }
  if (entries.empty()) return "";
  align();
  format::CodeTrailer trailer = {
      .magic = {}, .count = uint32_t(entries.size()), .zero = 0, .entries = blob_size + out.size()};
  std::memcpy(trailer.magic, format::kCodeMagic, sizeof trailer.magic);
  out.append(reinterpret_cast<const char*>(entries.data()),
             entries.size() * sizeof(format::CodeEntry));
  out.append(reinterpret_cast<const char*>(&trailer), sizeof trailer);
  return out;
}

}  // namespace kiln::runtime

// static uint32_t FlagList::Hash()
extern "C" uint32_t __real__ZN2v88internal8FlagList4HashEv();
extern "C" uint32_t __wrap__ZN2v88internal8FlagList4HashEv();
uint32_t __wrap__ZN2v88internal8FlagList4HashEv() {
  const uint32_t accepted = kiln::runtime::t_accepted_flags;
  return accepted != 0 ? accepted : __real__ZN2v88internal8FlagList4HashEv();
}
