// internalBinding("permission"): process.permission, which asks for the permissions of this thread and
// gives them up (env/permissions.h). The model is on or off from the start of a thread.
#include "runtime-stub/env/permissions.h"

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/convert.h"
#include "runtime-stub/command_line/options.h"

namespace kiln::runtime {
namespace {

// (name, path | undefined). The name of no permission, and an empty path, are refused.
void Has(Env& env, const Args& args) {
  const std::optional<Permission> permission = PermissionByName(ToUtf8(env.isolate, args[0]));
  std::string path;
  if (permission && !args[1]->IsUndefined()) path = ToUtf8(env.isolate, args[1]);
  const bool asked_for_nothing = args[1]->IsString() && path.empty();
  args.GetReturnValue().Set(permission && !asked_for_nothing && IsGranted(env, *permission, path));
}

void Drop(Env& env, const Args& args) {
  const std::optional<Permission> permission = PermissionByName(ToUtf8(env.isolate, args[0]));
  if (!permission || !env.permissions) return;
  std::string path;
  if (!args[1]->IsUndefined()) path = ToUtf8(env.isolate, args[1]);
  env.permissions->Drop(*permission, path);
  ReportDrop(env, *permission, path);
}

// Then whoever built the executable has chosen them, and nobody is warned of what they allow.
bool AreBaked(Env& env) { return env.options && env.options->baked_permissions; }

constexpr Entry kFunctions[] = {MethodNoSideEffect<Has>("has"), Method<Drop>("drop"),
                                Method<AreBaked>("areBaked")};

}  // namespace

extern const Binding kPermissionBinding;
const Binding kPermissionBinding = {.name = "permission", .functions = kFunctions};

}  // namespace kiln::runtime
