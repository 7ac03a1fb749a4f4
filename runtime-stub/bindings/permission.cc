// internalBinding("permission"): the permission model, which this runtime does not have. The
// command line rejects --permission, so everything is allowed, and no permission can be dropped.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

bool Has(Env&, v8::Local<v8::Value>, v8::Local<v8::Value>) { return true; }

Result<> Drop(Env&, v8::Local<v8::Value>, v8::Local<v8::Value>) {
  return Error::Missing("the permission model (permission.drop)");
}

constexpr Entry kFunctions[] = {MethodNoSideEffect<Has>("has"), Method<Drop>("drop")};

}  // namespace

extern const Binding kPermissionBinding;
const Binding kPermissionBinding = {.name = "permission", .functions = kFunctions};

}  // namespace kiln::runtime
