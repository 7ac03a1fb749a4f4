// internalBinding("trace_events"): tracing is unavailable, and no category can be enabled. The
// library gets one byte per category and reads it on hot paths, so all categories share one byte
// that is always zero.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

struct Buffer {
  explicit Buffer(Env& env) : enabled(env, Slot::kTraceCategoryBuffer, 1) {}
  SharedArray<uint8_t> enabled;
};

void GetEnabledCategories(Env&, const Args&) {}  // undefined: none
bool IsTraceCategoryEnabled(Env&, v8::Local<v8::Value>) { return false; }
v8::Local<v8::Value> GetCategoryEnabledBuffer(Env& env, v8::Local<v8::Value>) {
  return env.State<Buffer>().enabled.js();
}
void SetHandler(Env& env, v8::Local<v8::Function> f) { env.Set(Slot::kTraceCategoryHandler, f); }
void Trace(Env&, const Args&) {}  // there is no consumer

// trace_events.createTracing(): a set of categories that can be enabled.
class CategorySet final : public Wrapped {
 public:
  CategorySet(Env& env, const Args&) : Wrapped(env) {}
  const char* type_name() const override { return "CategorySet"; }
  void Enable(const Args&) { Error::Missing("trace_events: CategorySet.enable").Throw(env()); }
  void Disable(const Args&) {}
};

constexpr Entry kCategorySetMethods[] = {
    Method<&CategorySet::Enable>("enable"),
    Method<&CategorySet::Disable>("disable"),
};
const ClassEntry kCategorySetClass = {
    .name = "CategorySet", .construct = Construct<CategorySet>, .methods = kCategorySetMethods};
constexpr const ClassEntry* kClasses[] = {&kCategorySetClass};

constexpr Entry kFunctions[] = {
    Method<GetEnabledCategories>("getEnabledCategories"),
    Method<IsTraceCategoryEnabled>("isTraceCategoryEnabled"),
    Method<GetCategoryEnabledBuffer>("getCategoryEnabledBuffer"),
    Method<SetHandler>("setTraceCategoryStateUpdateHandler"),
    Method<Trace>("trace"),
};

}  // namespace

extern const Binding kTraceEventsBinding;
const Binding kTraceEventsBinding = {
    .name = "trace_events", .functions = kFunctions, .classes = kClasses};

}  // namespace kiln::runtime
