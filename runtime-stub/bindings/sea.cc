// internalBinding("sea"): node:sea. An executable of Kiln is a single executable application whose assets
// are its embedded files, except for the modules. The key of an asset is its path below /kiln, such as
// "data/words.txt". The plain runtime, and an executable that was built to be node, are none.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/embedded_lookup.h"
#include "runtime-stub/payload/payload.h"

namespace kiln::runtime {
namespace {

bool IsSea(Env& env) {
  return env.payload && env.payload->exec_argv_extension != ExecArgvExtension::kNode;
}

// The warning is about Node's way to make executables.
bool IsExperimentalSeaWarningNeeded(Env&) { return false; }

std::string PathOf(const std::string& key) { return std::string(embedded::kRoot) + "/" + key; }

bool IsAsset(const std::string& path) {
  std::string resolved;
  embedded::PathKind kind;
  embedded::File file;
  uv_stat_t stat;
  return embedded::Owns(path) && embedded::Stat(path, &stat) == 0 && !S_ISDIR(stat.st_mode) &&
         embedded::Find(path, &resolved, &kind, &file) == 0 && !file.module;
}

// An ArrayBuffer, or undefined. It is a copy, so that changing it is harmless.
v8::Local<v8::Value> GetAsset(Env& env, std::string key) {
  std::string text;
  if (!IsSea(env) || !IsAsset(PathOf(key)) || !embedded::ReadFile(PathOf(key), &text))
    return env.Undefined();
  v8::Local<v8::ArrayBuffer> bytes = v8::ArrayBuffer::New(env.isolate, text.size());
  std::copy(text.begin(), text.end(), static_cast<char*>(bytes->Data()));
  return bytes;
}

void CollectKeys(const std::string& folder, std::vector<std::string>* keys) {
  std::vector<embedded::Item> items;
  if (embedded::List(PathOf(folder), &items) < 0) return;
  for (const embedded::Item& item : items) {
    std::string key = folder.empty() ? item.name : folder + "/" + item.name;
    if (item.type == UV_DIRENT_DIR)
      CollectKeys(key, keys);
    else if (IsAsset(PathOf(key)))
      keys->push_back(std::move(key));
  }
}

v8::Local<v8::Value> GetAssetKeys(Env& env) {
  std::vector<std::string> keys;
  if (IsSea(env)) CollectKeys("", &keys);
  v8::LocalVector<v8::Value> values(env.isolate);
  for (const std::string& key : keys) values.push_back(env.Str(key));
  return v8::Array::New(env.isolate, values.data(), values.size());
}

constexpr Entry kFunctions[] = {
    Method<IsSea>("isSea"),
    Method<IsExperimentalSeaWarningNeeded>("isExperimentalSeaWarningNeeded"),
    Method<GetAsset>("getAsset"),
    Method<GetAssetKeys>("getAssetKeys"),
};

}  // namespace

extern const Binding kSeaBinding;
const Binding kSeaBinding = {.name = "sea", .functions = kFunctions};

}  // namespace kiln::runtime
