// internalBinding("sea"): Node's single executable applications. A Kiln executable is not one (fs
// reads its embedded files), so every query returns false, undefined or
// an empty array.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

bool IsSea(Env&) { return false; }
bool IsExperimentalSeaWarningNeeded(Env&) { return false; }
// The library calls isSea() first and throws ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION.
void GetAsset(Env&, const Args&) {}
v8::Local<v8::Array> GetAssetKeys(Env& env) { return v8::Array::New(env.isolate, 0); }

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
