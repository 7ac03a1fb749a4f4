#include "runtime-stub/command_line/permission_options.h"

#include <utility>

namespace kiln::runtime {

namespace {

constexpr const char* kPermissionOptions[] = {
    "--allow-addons",    "--allow-child-process", "--allow-fs-read", "--allow-fs-write",
    "--allow-inspector", "--allow-openssl-store", "--allow-wasi",    "--allow-worker",
    "--permission",      "--permission-audit",
};

}  // namespace

void CompletePermissionOptions(RunOptions* options) {
  if (!options->GetBool("--permission")) return;
  if (!options->GetBool("--allow-addons"))
    options->Mutable(FindOption("--addons"))->boolean = false;
  if (options->baked_permissions || options->GetBool("[has_eval_string]") ||
      options->GetBool("--interactive"))
    return;
  std::vector<std::string> implied = options->GetList("--require");
  // Node also does it without a script, and so makes the working directory readable.
  if (options->argv.size() > 1 && !options->argv[1].empty() && options->argv[1] != "inspect")
    implied.push_back(options->argv[1]);
  std::vector<std::string>& readable = options->Mutable(FindOption("--allow-fs-read"))->list;
  readable.insert(readable.end(), implied.begin(), implied.end());
}

void BakePermissions(const std::vector<std::string>& flags, RunOptions* options) {
  if (flags.empty()) return;
  for (const char* name : kPermissionOptions) options->set.erase(FindOption(name));
  std::vector<std::string> words = flags, errors;
  words.insert(words.begin(), "app");
  ParseOptions(&words, nullptr, OptionSource::kCommandLine, options, &errors);
  CHECK(errors.empty());  // the build has checked them
  options->baked_permissions = true;
}

void InheritPermissions(const RunOptions& parent, RunOptions* options) {
  options->baked_permissions = parent.baked_permissions;
  if (!parent.GetBool("--permission")) return;
  if (options->GetBool("--permission") && !parent.baked_permissions) return;
  for (const char* name : kPermissionOptions) {
    const int index = FindOption(name);
    options->set.erase(index);
    if (const OptionValue* value = parent.SetAt(index)) options->set.insert({index, *value});
  }
}

std::shared_ptr<Permissions> PermissionsOf(const RunOptions& options) {
  const bool enforce = options.GetBool("--permission");
  if (!enforce && !options.GetBool("--permission-audit")) return nullptr;
  return std::make_shared<Permissions>(Permissions::Given{
      .read = options.GetList("--allow-fs-read"),
      .write = options.GetList("--allow-fs-write"),
      .child_process = options.GetBool("--allow-child-process"),
      .worker = options.GetBool("--allow-worker"),
      .inspector = options.GetBool("--allow-inspector"),
      .wasi = options.GetBool("--allow-wasi"),
      .addons = options.GetBool("--allow-addons"),
      .openssl_store = options.GetBool("--allow-openssl-store"),
      .audit = !enforce,
      .strict = options.baked_permissions,
  });
}

std::shared_ptr<Permissions> PermissionsOfWorker(const RunOptions& options,
                                                 std::shared_ptr<const Permissions> parent) {
  std::shared_ptr<Permissions> own = PermissionsOf(options);
  if (!parent || parent->audit()) return own;
  if (!own || own->audit()) return std::make_shared<Permissions>(*parent);
  own->parent = std::move(parent);
  return own;
}

}  // namespace kiln::runtime
