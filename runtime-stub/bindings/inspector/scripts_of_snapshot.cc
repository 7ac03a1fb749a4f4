// V8's functions for debuggers have no headers in its archive, so they are declared here by their mangled names.
// A Script has the id of its context, or a mark that it is of a snapshot (Script::IsEmbedded). No function
// changes that, so it is written into the object; V8 is asked afterwards whether it was the right place.
#include "runtime-stub/bindings/inspector/scripts_of_snapshot.h"

#include <string_view>
#include <vector>

#include "runtime-stub/platform/heap_objects.h"

namespace v8::debug {
class Script;
void GetLoadedScripts(v8::Isolate* isolate, std::vector<v8::Global<Script>>& scripts);
}  // namespace v8::debug

// bool v8::debug::Script::IsEmbedded() const
bool IsEmbedded(const v8::debug::Script* script) __asm__("_ZNK2v85debug6Script10IsEmbeddedEv");

namespace kiln::runtime::inspector {

namespace {

constexpr int kScriptContextData = 5 * v8::internal::kApiTaggedSize;

bool IsOfLibrary(v8::Isolate* isolate, Address script) {
  v8::HandleScope scope(isolate);
  v8::Local<v8::Value> name = Handles::MakeLocal(isolate, Field(script, kScriptName));
  if (!name->IsString()) return true;
  v8::String::Utf8Value text(isolate, name);
  return std::string_view(*text, size_t(text.length())).starts_with("node:");
}

}  // namespace

void GiveScriptsTo(v8::Isolate* isolate, int context_id) {
  v8::HandleScope scope(isolate);
  std::vector<v8::Global<v8::debug::Script>> scripts;
  v8::debug::GetLoadedScripts(isolate, scripts);
  for (v8::Global<v8::debug::Script>& one : scripts) {
    v8::Local<v8::debug::Script> script = one.Get(isolate);
    const v8::debug::Script* handle = *script;
    if (!IsEmbedded(handle)) continue;
    Address object = *reinterpret_cast<const Address*>(handle);
    if (IsOfLibrary(isolate, object)) continue;
    // A small integer: the collector need not know.
    *reinterpret_cast<Address*>(object - v8::internal::kHeapObjectTag + kScriptContextData) =
        v8::internal::Internals::IntToSmi(context_id);
    StopIf(IsEmbedded(handle));
  }
}

}  // namespace kiln::runtime::inspector
