// Finds, wraps and compiles the sources of the JavaScript library. V8 asks an external
// string's resource for its bytes whenever it needs them; the resources live in static
// storage, one a source in table order, and are external references of the snapshot.
#include "runtime-stub/library.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "runtime-stub/binding/registry.h"
#include "runtime-stub/env.h"

namespace kiln {

namespace {

class OneByteSource final : public v8::String::ExternalOneByteStringResource {
 public:
  OneByteSource(const char* data, size_t length) : data_(data), length_(length) {}
  const char* data() const override { return data_; }
  size_t length() const override { return length_; }
  void Dispose() override {}  // static storage
 private:
  const char* data_;
  size_t length_;
};

class TwoByteSource final : public v8::String::ExternalStringResource {
 public:
  TwoByteSource(const uint16_t* data, size_t length) : data_(data), length_(length) {}
  const uint16_t* data() const override { return data_; }
  size_t length() const override { return length_; }
  void Dispose() override {}
 private:
  const uint16_t* data_;
  size_t length_;
};

// Storage for one resource a source; the first element is the app's script.
union Resource {
  Resource() {}
  ~Resource() {}
  OneByteSource one;
  TwoByteSource two;
};

struct Resources {
  std::vector<Resource> slots = std::vector<Resource>(kLibrarySourceCount);
  OneByteSource app{"", 0};
  Resources() {
    for (size_t i = 0; i < kLibrarySourceCount; i++) {
      const LibrarySource& s = kLibrarySources[i];
      if (s.two_byte)
        new (&slots[i].two) TwoByteSource(reinterpret_cast<const uint16_t*>(s.data), s.length);
      else
        new (&slots[i].one) OneByteSource(s.data, s.length);
    }
  }
};

Resources& All() {
  static Resources& resources = *new Resources;  // outlives every isolate
  return resources;
}

bool StartsWith(std::string_view s, std::string_view prefix) { return s.starts_with(prefix); }

}  // namespace

const LibrarySource* FindLibrarySource(std::string_view id) {
  auto end = kLibrarySources + kLibrarySourceCount;
  auto it = std::lower_bound(kLibrarySources, end, id,
                             [](const LibrarySource& s, std::string_view x) { return s.id < x; });
  return it != end && id == it->id ? it : nullptr;
}

v8::Local<v8::String> LibraryString(v8::Isolate* isolate, const LibrarySource& source) {
  Resource& slot = All().slots[size_t(&source - kLibrarySources)];
  if (source.two_byte)
    return v8::String::NewExternalTwoByte(isolate, &slot.two).ToLocalChecked();
  return v8::String::NewExternalOneByte(isolate, &slot.one).ToLocalChecked();
}

void SetAppText(std::string_view ascii) {
  All().app.~OneByteSource();
  new (&All().app) OneByteSource(ascii.data(), ascii.size());
}

v8::Local<v8::String> AppString(v8::Isolate* isolate, std::string_view ascii) {
  SetAppText(ascii);
  return v8::String::NewExternalOneByte(isolate, &All().app).ToLocalChecked();
}

void LibraryReferences(std::vector<intptr_t>& out) {
  out.push_back(reinterpret_cast<intptr_t>(&All().app));
  for (size_t i = 0; i < kLibrarySourceCount; i++)
    out.push_back(reinterpret_cast<intptr_t>(&All().slots[i]));
}

v8::MaybeLocal<v8::Function> CompileLibraryFunction(Env& env, std::string_view id) {
  const LibrarySource* found = FindLibrarySource(id);
  if (!found) {
    Error::Plain("ERR_UNKNOWN_BUILTIN_MODULE", "No such built-in module: " + std::string(id))
        .Throw(env);
    return {};
  }
  std::vector<v8::Local<v8::String>> parameters;
  auto add = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) parameters.push_back(env.Name(name));
  };
  if (id == "internal/bootstrap/realm")
    add({"process", "getLinkedBinding", "getInternalBinding", "primordials"});
  else if (StartsWith(id, "internal/per_context/"))
    add({"exports", "primordials", "privateSymbols", "perIsolateSymbols"});
  else if (StartsWith(id, "internal/main/") || StartsWith(id, "internal/bootstrap/"))
    add({"process", "require", "internalBinding", "primordials"});
  else
    add({"exports", "require", "module", "process", "internalBinding", "primordials"});

  v8::ScriptOrigin origin(env.Str("node:" + std::string(id)), 0, 0, true);
  v8::ScriptCompiler::Source source(LibraryString(env.isolate, *found), origin);
  return v8::ScriptCompiler::CompileFunction(env.context(), &source, parameters.size(),
                                             parameters.data());
}

}  // namespace kiln
