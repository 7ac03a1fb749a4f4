// internalBinding("internal_only_v8"): v8.queryObjects(). It is a separate binding, because users
// must not reach it through process.binding.
#include <v8-profiler.h>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

// The objects that inherit from the prototype.
class Inherits final : public v8::QueryObjectPredicate {
 public:
  Inherits(v8::Local<v8::Context> context, v8::Local<v8::Object> prototype)
      : context_(context), prototype_(prototype) {}
  bool Filter(v8::Local<v8::Object> object) override {
    v8::Local<v8::Value> link = object->GetPrototypeV2();
    while (link->IsObject()) {
      if (link == prototype_) return true;
      link = link.As<v8::Object>()->GetPrototypeV2();
    }
    return false;
  }

 private:
  v8::Local<v8::Context> context_;
  v8::Local<v8::Object> prototype_;
};

void QueryObjects(Env& env, const Args& args) {
  if (!args[0]->IsObject())
    return Error::Type("ERR_INVALID_ARG_TYPE", "Invalid constructor prototype").Throw(env);
  v8::Local<v8::Context> context = env.context();
  Inherits predicate(context, args[0].As<v8::Object>());
  std::vector<v8::Global<v8::Object>> found;
  env.isolate->GetHeapProfiler()->QueryObjects(context, &predicate, &found);
  std::vector<v8::Local<v8::Value>> objects;
  for (const auto& object : found) objects.push_back(object.Get(env.isolate));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, objects.data(), objects.size()));
}

constexpr Entry kFunctions[] = {Method<QueryObjects>("queryObjects")};

}  // namespace

extern const Binding kInternalOnlyV8Binding;
const Binding kInternalOnlyV8Binding = {.name = "internal_only_v8", .functions = kFunctions};

}  // namespace kiln::runtime
