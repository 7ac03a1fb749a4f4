// Finds, decompresses, wraps and compiles the sources of the JavaScript library. V8 asks an
// external string's resource for its bytes whenever it needs them. The resources have static
// storage, one for each source in table order, and are external references of the snapshot. They
// are not cacheable, because V8 asks a cacheable resource for its bytes when it restores a
// snapshot that refers to it.
#include "runtime-stub/library/library.h"

#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "runtime-stub/binding/registry.h"
#include "runtime-stub/env/env.h"
#include "runtime-stub/library/library_code.h"
#include "runtime-stub/payload/bundled_modules.h"

// Declared in V8's src/debug/debug-interface.h, for its inspector's own code.
namespace v8::debug {
MaybeLocal<UnboundScript> CompileInspectorScript(Isolate* isolate, Local<String> source);
}

namespace kiln::runtime {

namespace {

// The characters of a source, decompressed once and then kept. Thread-safe: worker threads share
// it.
class Unpacked {
 public:
  explicit Unpacked(const LibrarySource& source)
      : source_(source), bytes_(source.stored_size == source.size ? source.stored : nullptr) {}
  const char* Get() const {
    const char* bytes = bytes_.load(std::memory_order_acquire);
    return bytes ? bytes : Unpack();
  }
  size_t size() const { return source_.size; }

 private:
  const char* Unpack() const {
    char* made = static_cast<char*>(std::malloc(source_.size + 1));
    CHECK(made &&
          ZSTD_decompress(made, source_.size, source_.stored, source_.stored_size) == source_.size);
    const char* first = nullptr;
    if (bytes_.compare_exchange_strong(first, made, std::memory_order_acq_rel)) return made;
    std::free(made);  // another thread was faster
    return first;
  }

  const LibrarySource& source_;
  mutable std::atomic<const char*> bytes_;
};

class OneByteSource final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit OneByteSource(const LibrarySource& source) : text_(source) {}
  const char* data() const override { return text_.Get(); }
  size_t length() const override { return text_.size(); }
  bool IsCacheable() const override { return false; }
  void Dispose() override {}  // static storage
 private:
  Unpacked text_;
};

class TwoByteSource final : public v8::String::ExternalStringResource {
 public:
  explicit TwoByteSource(const LibrarySource& source) : text_(source) {}
  const uint16_t* data() const override { return reinterpret_cast<const uint16_t*>(text_.Get()); }
  size_t length() const override { return text_.size() / 2; }
  bool IsCacheable() const override { return false; }
  void Dispose() override {}

 private:
  Unpacked text_;
};

// The app's script, which is not compressed.
class AppSource final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit AppSource(std::string_view ascii) : text_(ascii) {}
  const char* data() const override { return text_.data(); }
  size_t length() const override { return text_.size(); }
  void Dispose() override {}

 private:
  std::string_view text_;
};

// The source of a bundled module, in place.
class OneByteModule final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit OneByteModule(std::string_view text) : text_(text) {}
  const char* data() const override { return text_.data(); }
  size_t length() const override { return text_.size(); }
  void Dispose() override {}

 private:
  std::string_view text_;
};

class TwoByteModule final : public v8::String::ExternalStringResource {
 public:
  explicit TwoByteModule(std::string_view text) : text_(text) {}
  const uint16_t* data() const override { return reinterpret_cast<const uint16_t*>(text_.data()); }
  size_t length() const override { return text_.size() / 2; }
  void Dispose() override {}

 private:
  std::string_view text_;
};

union ModuleResource {
  ModuleResource() {}
  ~ModuleResource() {}
  OneByteModule one;
  TwoByteModule two;
};

// Storage for the resource of one source.
union Resource {
  Resource() {}
  ~Resource() {}
  OneByteSource one;
  TwoByteSource two;
};

struct Resources {
  std::vector<Resource> slots = std::vector<Resource>(kLibrarySourceCount);
  AppSource app{""};
  std::vector<ModuleResource> modules = std::vector<ModuleResource>(bundled::Count());
  Resources() {
    for (uint32_t i = 0; i < modules.size(); i++) {
      bundled::Module module = bundled::At(i);
      if (module.Has(format::kTwoByte))
        new (&modules[i].two) TwoByteModule(module.source);
      else
        new (&modules[i].one) OneByteModule(module.source);
    }
    for (size_t i = 0; i < kLibrarySourceCount; i++) {
      const LibrarySource& s = kLibrarySources[i];
      if (s.two_byte)
        new (&slots[i].two) TwoByteSource(s);
      else
        new (&slots[i].one) OneByteSource(s);
    }
  }
};

Resources& All() {
  static Resources& resources = *new Resources;  // outlives every isolate
  return resources;
}

bool StartsWith(std::string_view s, std::string_view prefix) { return s.starts_with(prefix); }

// Compiles one of Kiln's own modules, whose text is a function expression (make_library.py), as a
// script of the type that V8 has for its inspector. Functions of such a script are not in stack
// traces, do not count for Error.stackTraceLimit, are skipped by the debugger, and are "[native
// code]" as text. An error that one of them throws has the position of its caller. The V8 flag
// --expose-inspector-scripts makes them ordinary functions.
v8::MaybeLocal<v8::Function> CompileHidden(v8::Isolate* isolate, v8::Local<v8::Context> context,
                                           v8::Local<v8::String> text) {
  v8::Context::Scope entered(context);
  v8::Local<v8::UnboundScript> script;
  v8::Local<v8::Value> function;
  if (!v8::debug::CompileInspectorScript(isolate, text).ToLocal(&script) ||
      !script->BindToCurrentContext()->Run(context).ToLocal(&function))
    return {};
  return function.As<v8::Function>();
}

}  // namespace

const LibrarySource* FindLibrarySource(std::string_view id) {
  auto end = kLibrarySources + kLibrarySourceCount;
  auto it = std::lower_bound(kLibrarySources, end, id,
                             [](const LibrarySource& s, std::string_view x) { return s.id < x; });
  return it != end && id == it->id ? it : nullptr;
}

v8::Local<v8::String> LibraryString(v8::Isolate* isolate, const LibrarySource& source) {
  Resource& slot = All().slots[size_t(&source - kLibrarySources)];
  if (source.two_byte) return v8::String::NewExternalTwoByte(isolate, &slot.two).ToLocalChecked();
  return v8::String::NewExternalOneByte(isolate, &slot.one).ToLocalChecked();
}

void SetAppText(std::string_view ascii) {
  All().app.~AppSource();
  new (&All().app) AppSource(ascii);
}

v8::Local<v8::String> AppString(v8::Isolate* isolate, std::string_view ascii) {
  SetAppText(ascii);
  return v8::String::NewExternalOneByte(isolate, &All().app).ToLocalChecked();
}

v8::Local<v8::String> ModuleSourceString(v8::Isolate* isolate, uint32_t number) {
  bundled::Module module = bundled::At(number);
  if (module.source.empty()) return v8::String::Empty(isolate);
  ModuleResource& resource = All().modules[number];
  if (module.Has(format::kTwoByte))
    return v8::String::NewExternalTwoByte(isolate, &resource.two).ToLocalChecked();
  return v8::String::NewExternalOneByte(isolate, &resource.one).ToLocalChecked();
}

void LibraryReferences(std::vector<intptr_t>& out) {
  out.push_back(reinterpret_cast<intptr_t>(&All().app));
  for (size_t i = 0; i < kLibrarySourceCount; i++)
    out.push_back(reinterpret_cast<intptr_t>(&All().slots[i]));
  for (ModuleResource& module : All().modules) out.push_back(reinterpret_cast<intptr_t>(&module));
}

std::string SourceNameOf(v8::Local<v8::String> string) {
  v8::String::Encoding encoding;
  const void* resource = string->GetExternalStringResourceBase(&encoding);
  if (!resource) return {};
  Resources& all = All();
  auto index = [&](const auto& list) {
    auto first = reinterpret_cast<uintptr_t>(list.data()),
         at = reinterpret_cast<uintptr_t>(resource);
    size_t number = (at - first) / sizeof list[0];
    return at >= first && number < list.size() ? std::optional(number) : std::nullopt;
  };
  if (auto number = index(all.slots)) return std::string("library ") + kLibrarySources[*number].id;
  if (auto number = index(all.modules)) return "module " + std::to_string(*number);
  return resource == &all.app ? "script" : "";
}

v8::MaybeLocal<v8::Function> CompileLibraryFunction(Env& env, std::string_view id,
                                                    v8::Local<v8::Context> context) {
  const LibrarySource* found = FindLibrarySource(id);
  if (!found) {
    Error::Plain("ERR_UNKNOWN_BUILTIN_MODULE", "No such built-in module: " + std::string(id))
        .Throw(env);
    return {};
  }
  if (context.IsEmpty()) context = env.context();
  if (IsHiddenSource(id))
    return CompileHidden(env.isolate, context, LibraryString(env.isolate, *found));
  return CompileLibrarySource(env.isolate, context, *found);
}

bool IsHiddenSource(std::string_view id) {
  return StartsWith(id, "internal/kiln/") || StartsWith(id, "internal/main/kiln_");
}

v8::MaybeLocal<v8::Function> CompileLibrarySource(v8::Isolate* isolate,
                                                  v8::Local<v8::Context> context,
                                                  const LibrarySource& library_source) {
  using v8::ScriptCompiler;
  std::string_view id = library_source.id;
  auto name = [&](std::string_view text) {
    return v8::String::NewFromUtf8(isolate, text.data(), v8::NewStringType::kInternalized,
                                   int(text.size()))
        .ToLocalChecked();
  };
  std::vector<v8::Local<v8::String>> parameters;
  auto add = [&](std::initializer_list<const char*> names) {
    for (const char* one : names) parameters.push_back(name(one));
  };
  if (id == "internal/bootstrap/realm")
    add({"process", "getLinkedBinding", "getInternalBinding", "primordials"});
  else if (StartsWith(id, "internal/per_context/"))
    add({"exports", "primordials", "privateSymbols", "perIsolateSymbols"});
  else if (StartsWith(id, "internal/main/") || StartsWith(id, "internal/bootstrap/"))
    add({"process", "require", "internalBinding", "primordials"});
  else
    add({"exports", "require", "module", "process", "internalBinding", "primordials"});

  // Functions of internal/frames/ are in stacks instead of Node's (place_frames.py).
  constexpr std::string_view kFrames = "internal/frames/";
  std::string_view shown = id;
  if (StartsWith(id, kFrames)) shown.remove_prefix(kFrames.size());
  v8::ScriptOrigin origin(name((shown == id ? "node:" : "node:internal/") + std::string(shown)), 0,
                          0, true);
  ScriptCompiler::Source source(LibraryString(isolate, library_source), origin,
                                LibraryCodeOf(library_source).release());
  return ScriptCompiler::CompileFunction(
      context, &source, parameters.size(), parameters.data(), 0, nullptr,
      source.GetCachedData() ? ScriptCompiler::kConsumeCodeCache
                             : ScriptCompiler::kNoCompileOptions);
}

}  // namespace kiln::runtime
