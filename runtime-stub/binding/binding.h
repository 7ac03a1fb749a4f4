// How native code is shown to JavaScript.
//
// A binding file defines plain C++ functions and constant tables of them. From the tables
// the runtime derives three things that others keep in separate lists: the object that
// internalBinding("name") returns, the external references that V8 needs to write and to
// read a snapshot, and the fast-call entries of optimized code. A C++ function becomes
// visible by appearing in its table and nowhere else.
//
//   double Now(Env& env);                                   typed: arguments are converted
//   Result<std::string> RealPath(Env& env, std::string p);  errors are thrown on the way out
//   void Open(Env& env, const Args& args);                  raw: for calls with optional and
//                                                           trailing arguments
//   constexpr Entry kFunctions[] = {Fast<Now>("now"), Method<RealPath>("realPath"),
//                                   Method<Open>("open")};
//   const ClassEntry kTimerClass = {.name = "Timer", .construct = Construct<Timer>,
//                                   .methods = kTimerMethods};
//   const ClassEntry* const kClasses[] = {&kTimerClass};
//   const Binding kTimersBinding = {.name = "timers", .functions = kFunctions,
//                                   .classes = kClasses, .init = Init};
//
// A raw function throws with Error::...().Throw(env) or returns through
// args.GetReturnValue().
#pragma once

#include <v8-fast-api-calls.h>
#include <v8.h>

#include <concepts>
#include <span>
#include <type_traits>
#include <vector>

#include "runtime-stub/binding/convert.h"
#include "runtime-stub/env/error.h"
#include "runtime-stub/binding/wrapped.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime {

using Args = v8::FunctionCallbackInfo<v8::Value>;

struct Entry {
  const char* name;
  v8::FunctionCallback call;
  const v8::CFunction& (*fast)() = nullptr;
  bool no_side_effect = false;  // may run in a debugger's side-effect-free evaluation
};

// A property with a getter (and a setter) on a class's prototype.
struct Accessor {
  const char* name;
  v8::FunctionCallback get;
  v8::FunctionCallback set = nullptr;
  v8::PropertyAttribute attributes = v8::DontDelete;
};
// For accessors that for-in and Object.keys pass over.
inline constexpr auto kNotEnumerable = v8::PropertyAttribute(v8::DontDelete | v8::DontEnum);

// A class as JavaScript sees it. Its address is its identity, so declare it once, as an
// extern const in a header if others inherit from it.
struct ClassEntry {
  const char* name;
  v8::FunctionCallback construct = nullptr;  // null: `new` throws "Illegal constructor"
  const ClassEntry* parent = nullptr;
  std::span<const Entry> methods = {};
  std::span<const Entry> more_methods = {};  // a second table, e.g. one shared by classes
  std::span<const Accessor> accessors = {};
  std::span<const Accessor> more_accessors = {};
  std::span<const Entry> statics = {};
  int fields = 1;  // internal fields; the first belongs to Wrapped
  // Anything else: instance properties, interceptors. Native callbacks used here must be
  // pushed by `references`.
  void (*customize)(Env&, v8::Local<v8::FunctionTemplate>) = nullptr;
  void (*references)(std::vector<intptr_t>&) = nullptr;
};

struct Binding {
  const char* name;
  std::span<const Entry> functions = {};
  std::span<const ClassEntry* const> classes = {};         // exported under their names
  std::span<const ClassEntry* const> hidden_classes = {};  // reached through results only
  // Adds constants, objects and shared arrays. Native callbacks that are in no table must
  // be pushed by `references`.
  void (*init)(Env&, v8::Local<v8::Object> exports) = nullptr;
  void (*references)(std::vector<intptr_t>&) = nullptr;
};

template <class F>
intptr_t Reference(F* function) {
  return reinterpret_cast<intptr_t>(function);
}

// ---------------------------------------------------------------------------- thunks

template <class T>
struct Unresult {
  using type = T;
};
template <class T>
struct Unresult<Result<T>> {
  using type = T;
};
template <>
struct Unresult<Result<Ok>> {
  using type = void;
};

template <class T>
concept FastType = std::same_as<T, bool> || std::same_as<T, int32_t> || std::same_as<T, uint32_t> ||
                   std::same_as<T, double> || std::same_as<T, void>;

template <class R>
void Return(Env& env, const Args& args, R value) {
  if constexpr (requires {
                  value.IsEmpty();
                  value.ToLocalChecked();
                }) {
    if (!value.IsEmpty()) args.GetReturnValue().Set(value.ToLocalChecked());
  } else {
    args.GetReturnValue().Set(Convert<R>::ToJs(env, std::move(value)));
  }
}
template <class T>
void Return(Env& env, const Args& args, Result<T> result) {
  if (!result.ok()) return result.error().Throw(env);
  if constexpr (!std::same_as<T, Ok>) Return(env, args, std::move(result.value()));
}

void ThrowBadArgument(Env& env, int index);

template <class T>
bool ConvertArgument(Env& env, const Args& args, int index, T* out) {
  if (Convert<T>::FromJs(env, args[index], out)) return true;
  ThrowBadArgument(env, index);
  return false;
}

// Converts the arguments from JavaScript, calls, and converts the result back.
template <class R, class... A>
void Invoke(Env& env, const Args& args, auto call) {
  [&]<size_t... I>(std::index_sequence<I...>) {
    std::tuple<std::remove_cvref_t<A>...> values;
    if (!(ConvertArgument(env, args, int(I), &std::get<I>(values)) && ...)) return;
    if constexpr (std::same_as<R, void>)
      call(std::move(std::get<I>(values))...);
    else
      Return(env, args, call(std::move(std::get<I>(values))...));
  }(std::index_sequence_for<A...>());
}

// A fast call fails as a slow one does: V8 sees the exception when it returns.
template <class Out, class R>
Out FastReturn(Env& env, R result) {
  if constexpr (requires { result.ok(); }) {
    if (!result.ok()) {
      v8::HandleScope scope(env.isolate);
      result.error().Throw(env);
      if constexpr (!std::same_as<Out, void>) return Out{};
    } else if constexpr (!std::same_as<Out, void>) {
      return result.value();
    }
  } else {
    return result;
  }
}

// Raw functions take the call as it is; compilers do not agree that their form is the more
// special one.
template <class... A>
inline constexpr bool kRawCall = false;
template <>
inline constexpr bool kRawCall<const Args&> = true;

template <auto F>
struct Thunk;

template <void (*F)(Env&, const Args&)>
struct Thunk<F> {
  static void Call(const Args& args) { F(Env::From(args.GetIsolate()), args); }
};

template <class R, class... A, R (*F)(Env&, A...)>
  requires(!kRawCall<A...>)
struct Thunk<F> {
  using Out = typename Unresult<R>::type;
  static void Call(const Args& args) {
    Env& env = Env::From(args.GetIsolate());
    Invoke<R, A...>(env, args, [&](A... a) { return F(env, std::move(a)...); });
  }
  static Out FastCall(v8::Local<v8::Value>, A... a, v8::FastApiCallbackOptions& o) {
    Env& env = Env::From(o.isolate);
    if constexpr (std::same_as<R, void>)
      F(env, a...);
    else
      return FastReturn<Out>(env, F(env, a...));
  }
  static constexpr bool kFast = FastType<Out> && (FastType<A> && ...);
};

template <class C, void (C::*F)(const Args&)>
struct Thunk<F> {
  static void Call(const Args& args) {
    C* self = Unwrap<C>(args.This());
    if (self) (self->*F)(args);
  }
};

template <class C, class R, class... A, R (C::*F)(A...)>
  requires(!kRawCall<A...>)
struct Thunk<F> {
  using Out = typename Unresult<R>::type;
  static void Call(const Args& args) {
    Env& env = Env::From(args.GetIsolate());
    C* self = Unwrap<C>(args.This());
    if (!self) return;  // constructed without its native part, or already gone
    Invoke<R, A...>(env, args, [&](A... a) { return (self->*F)(std::move(a)...); });
  }
  static Out FastCall(v8::Local<v8::Object> receiver, A... a, v8::FastApiCallbackOptions& o) {
    C* self = Unwrap<C>(receiver);
    if constexpr (std::same_as<R, void>) {
      if (self) (self->*F)(a...);
    } else {
      if (!self) return Out();
      return FastReturn<Out>(Env::From(o.isolate), (self->*F)(a...));
    }
  }
  static constexpr bool kFast = FastType<Out> && (FastType<A> && ...);
};

template <auto F>
constexpr Entry Method(const char* name) {
  return {name, Thunk<F>::Call};
}
template <auto F>
constexpr Entry MethodNoSideEffect(const char* name) {
  return {name, Thunk<F>::Call, nullptr, true};
}

// Like Method, and also callable straight from optimized code.
template <auto F>
constexpr Entry Fast(const char* name) {
  static_assert(Thunk<F>::kFast, "fast calls take and return numbers and booleans");
  return {name, Thunk<F>::Call, +[]() -> const v8::CFunction& {
            static const v8::CFunction function = v8::CFunction::Make(&Thunk<F>::FastCall);
            return function;
          }};
}

template <auto G>
constexpr Accessor Get(const char* name, v8::PropertyAttribute attributes = v8::DontDelete) {
  return {name, Thunk<G>::Call, nullptr, attributes};
}
template <auto G, auto S>
constexpr Accessor GetSet(const char* name) {
  return {name, Thunk<G>::Call, Thunk<S>::Call};
}

// Whether the constructor callback was called with `new`; false with an exception pending,
// the one of Node's native classes.
bool RequireNew(Env& env, const Args& args);

// The constructor callback of a class with C(Env&, const Args&).
template <class C>
void Construct(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  (new C(env, args))->Attach(args.This());
}

// A native object for JavaScript, made by native code: new C(env, args...) on a fresh
// instance of `entry`.
template <class C, class... A>
C* NewWrapped(Env& env, const ClassEntry& entry, A&&... a) {
  v8::Local<v8::Object> object = env.NewInstance(entry);
  C* self = new C(env, std::forward<A>(a)...);
  self->Attach(object);
  return self;
}

// ---------------------------------------------------------------------------- helpers

// Defines read-only, enumerable constants: SetConstant(env, exports, "kFoo", 1).
void SetConstant(Env& env, v8::Local<v8::Object> object, const char* name, double value);
void SetConstant(Env& env, v8::Local<v8::Object> object, const char* name, std::string_view value);
// A function for use outside of tables. Its callback must be in a `references` list.
v8::Local<v8::Function> NewFunction(Env& env, v8::FunctionCallback call, const char* name,
                                    v8::Local<v8::Value> data = {});
v8::Local<v8::Object> NewNullProtoObject(Env& env);

}  // namespace kiln::runtime
