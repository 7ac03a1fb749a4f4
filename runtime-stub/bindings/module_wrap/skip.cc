// Both fields that are written are small integers, for which V8 needs no write barrier.
#include "runtime-stub/bindings/module_wrap/skip.h"

#include <array>
#include <vector>

#include "runtime-stub/binding/closure_variables.h"

namespace kiln::runtime {

namespace {

using v8::internal::Address;
using v8::internal::Internals;

// V8's internal states of a module (v8::internal::Module::Status).
enum State { kUnlinked = 0, kLinked = 3, kEvaluating = 4, kEvaluated = 6 };

// Where a module has its state, and the depth-first index of the first module of its cycle, which
// V8 uses while it evaluates a graph.
struct Layout {
  int state = 0;
  int cycle_index = 0;
};

constexpr int kIndexOfNone = 1 << 29;  // more than any module has

Address* Slot(v8::Local<v8::Module> module, int offset) {
  return reinterpret_cast<Address*>(AddressOf(module) - v8::internal::kHeapObjectTag + offset);
}

int NumberAt(v8::Local<v8::Module> module, int offset) {
  Address value = *Slot(module, offset);
  return IsHeapObject(value) ? -1 : Internals::SmiValue(value);
}

using Three = std::array<v8::Local<v8::Module>, 3>;
thread_local Three* t_modules;  // that are being linked

// The offsets at which the modules have these numbers, of those in `candidates`.
std::vector<int> Where(const Three& modules, const std::array<int, 3>& numbers,
                       const std::vector<int>& candidates) {
  std::vector<int> found;
  for (int offset : candidates) {
    bool same = true;
    for (size_t i = 0; i < modules.size(); ++i)
      same = same && NumberAt(modules[i], offset) == numbers[i];
    if (same) found.push_back(offset);
  }
  return found;
}

// Evaluates a module that imports one of a cycle of two, and looks for the fields.
bool FindLayout(v8::Local<v8::Context> context, Layout* out) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::HandleScope scope(isolate);
  Three modules;
  constexpr const char* kTexts[] = {"import '1';", "import '2';", "import '1';"};
  for (size_t i = 0; i < modules.size(); ++i) {
    auto text = v8::String::NewFromUtf8(isolate, kTexts[i]).ToLocalChecked();
    v8::ScriptOrigin origin(text, 0, 0, false, -1, {}, false, false, true);
    v8::ScriptCompiler::Source source(text, origin);
    if (!v8::ScriptCompiler::CompileModule(isolate, &source).ToLocal(&modules[i])) return false;
  }
  const int words =
      Internals::ReadRawField<uint8_t>(Internals::LoadMap(AddressOf(modules[0])), kHeapWord);
  std::vector<int> offsets;
  for (int i = 1; i < words; ++i) offsets.push_back(i * kHeapWord);
  std::vector<int> state = Where(modules, {kUnlinked, kUnlinked, kUnlinked}, offsets);
  t_modules = &modules;
  auto resolve = [](v8::Local<v8::Context>, v8::Local<v8::String> specifier,
                    v8::Local<v8::FixedArray>, v8::Local<v8::Module>) {
    const int number =
        specifier
                ->Equals(v8::Isolate::GetCurrent()->GetCurrentContext(),
                         v8::String::NewFromUtf8Literal(v8::Isolate::GetCurrent(), "2"))
                .FromMaybe(false)
            ? 2
            : 1;
    return v8::MaybeLocal<v8::Module>((*t_modules)[size_t(number)]);
  };
  if (!modules[0]->InstantiateModule(context, resolve).FromMaybe(false)) return false;
  state = Where(modules, {kLinked, kLinked, kLinked}, state);
  if (modules[0]->Evaluate(context).IsEmpty()) return false;
  state = Where(modules, {kEvaluated, kEvaluated, kEvaluated}, state);
  std::vector<int> index = Where(modules, {0, 1, 1}, offsets);
  if (state.size() != 1 || index.size() != 1) return false;
  *out = {state[0], index[0]};
  return true;
}

}  // namespace

bool SkipModule(v8::Local<v8::Context> context, v8::Local<v8::Module> module, bool skip) {
  static thread_local Layout layout;
  if (layout.state == 0 && !FindLayout(context, &layout)) return false;
  *Slot(module, layout.state) = Internals::IntToSmi(skip ? kEvaluating : kLinked);
  *Slot(module, layout.cycle_index) = Internals::IntToSmi(skip ? kIndexOfNone : 0);
  return true;
}

}  // namespace kiln::runtime
