// --disable-proto. The accessor that throws is a native function, so that a stack trace shows that
// user code did not define it.
#include "runtime-stub/bindings/contextify/disable_proto.h"

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/command_line/options.h"

namespace kiln::runtime {

namespace {

void Refuse(Env& env, const Args&) {
  Error::Plain("ERR_PROTO_ACCESS",
               "Accessing Object.prototype.__proto__ has been disallowed with "
               "--disable-proto=throw")
      .Throw(env);
}

}  // namespace

void ApplyDisableProto(Env& env, v8::Local<v8::Context> context) {
  if (!env.options) return;
  const std::string& mode = env.options->GetString("--disable-proto");
  if (mode.empty()) return;
  v8::Context::Scope entered(context);
  v8::Local<v8::String> name = env.Name("__proto__");
  v8::Local<v8::Object> prototype = v8::Object::New(env.isolate)->GetPrototypeV2().As<v8::Object>();
  if (mode == "delete") {
    prototype->Delete(context, name).Check();
    return;
  }
  v8::Local<v8::Function> refuse =
      v8::Function::New(context, Thunk<Refuse>::Call, {}, 0, v8::ConstructorBehavior::kThrow)
          .ToLocalChecked();
  v8::PropertyDescriptor descriptor(refuse, refuse);
  descriptor.set_enumerable(false);
  prototype->DefineProperty(context, name, descriptor).Check();
}

void DisableProtoReferences(std::vector<intptr_t>& out) {
  out.push_back(Reference(Thunk<Refuse>::Call));
}

}  // namespace kiln::runtime
