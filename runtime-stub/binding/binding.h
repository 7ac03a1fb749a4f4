// How native functions and classes are exposed to JavaScript.
//
// A binding file defines plain C++ functions and constexpr tables of them. The runtime derives
// three things from the tables: the object that internalBinding("name") returns, the external
// references that V8 needs to write and to read a snapshot, and the fast-call entries of optimized
// code. To expose a C++ function, add it to its table, and to the table of effects
// (docs/adding-a-binding.md).
//
//   double Now(Env& env);                                   typed: arguments are converted
//   Result<std::string> RealPath(Env& env, std::string p);  typed: an Error is thrown
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
// A raw function throws with Error::...().Throw(env) and returns with args.GetReturnValue().Set().
// All functions run on the Env's thread. The tables must be constants with static storage: classes
// and bindings are identified by address.
#pragma once

#include <v8-fast-api-calls.h>
#include <v8.h>

#include <concepts>
#include <span>
#include <type_traits>
#include <vector>

#include "runtime-stub/binding/convert.h"
#include "runtime-stub/binding/wrapped.h"
#include "runtime-stub/env/env.h"
#include "runtime-stub/env/error.h"
#include "support/fnv.h"

namespace kiln::runtime {

// The arguments of a call from JavaScript: valid during the call. args[i] for an argument that was
// not passed is undefined.
using Args = v8::FunctionCallbackInfo<v8::Value>;

// What ReferenceHash() (binding/registry.h) needs of a name. The last entry of a table may have none.
constexpr uint32_t HashOfName(const char* name) {
  uint64_t hash = name ? Fnv1a64(name) : kFnvBasis;
  return uint32_t(hash ^ hash >> 32);
}

// A native function and its name in JavaScript. Made by Method(), MethodNoSideEffect() or Fast().
struct Entry {
  const char* name;
  v8::FunctionCallback call;
  const v8::CFunction& (*fast)() = nullptr;  // null: no fast call (v8-fast-api-calls.h)
  bool no_side_effect = false;  // the debugger may call it when it evaluates without side effects
  uint32_t name_hash =
      HashOfName(name);  // known when this is compiled, so that no start computes it
};

// A property with a getter and optionally a setter on the prototype of a class. Without a setter it
// is read-only.
struct Accessor {
  const char* name;
  v8::FunctionCallback get;
  v8::FunctionCallback set = nullptr;
  v8::PropertyAttribute attributes = v8::DontDelete;
  uint32_t name_hash = HashOfName(name);
};
// The attributes of an accessor that for-in and Object.keys omit.
inline constexpr auto kNotEnumerable = v8::PropertyAttribute(v8::DontDelete | v8::DontEnum);

// A native class. It is identified by its address, so define it once, and declare it extern in a
// header if other files inherit from it. V8 checks the receiver of methods and accessors: they are
// only called for instances of the class.
struct ClassEntry {
  const char* name;
  v8::FunctionCallback construct = nullptr;  // null: `new` throws "Illegal constructor"
  const ClassEntry* parent =
      nullptr;  // its methods are inherited; `fields` and `construct` are not
  std::span<const Entry> methods = {};
  std::span<const Entry> more_methods = {};  // a second table, usually one that classes share
  std::span<const Accessor> accessors = {};
  std::span<const Accessor> more_accessors = {};
  std::span<const Entry> statics = {};  // functions on the constructor; `this` is not checked
  int fields = 1;                       // number of internal fields; the first belongs to Wrapped
  // Adds what the tables cannot express: instance properties, interceptors. `references` must push
  // every native callback that is used here. Called once per isolate, when the template is created;
  // not after a start from a snapshot that contains it.
  void (*customize)(Env&, v8::Local<v8::FunctionTemplate>) = nullptr;
  void (*references)(std::vector<intptr_t>&) = nullptr;
  uint32_t name_hash = HashOfName(name);
};

// What internalBinding(name) returns. Add its constant to binding/bindings.inc.
struct Binding {
  const char* name;
  std::span<const Entry> functions = {};
  std::span<const ClassEntry* const> classes = {};         // exported under their names
  std::span<const ClassEntry* const> hidden_classes = {};  // only native code creates instances
  // Adds constants, objects and shared arrays to the new object; runs in the main context, once per
  // Env, when internalBinding(name) is first called; not after a start from a snapshot in which it
  // was. `references` must push every native callback that is
  // in no table.
  void (*init)(Env&, v8::Local<v8::Object> exports) = nullptr;
  void (*references)(std::vector<intptr_t>&) = nullptr;
  uint32_t name_hash = HashOfName(name);
};

// The external reference of a native callback, for `references`.
template <class F>
intptr_t Reference(F* function) {
  return reinterpret_cast<intptr_t>(function);
}

// ---------------------------------------------------------------------------- thunks
//
// Thunk<F> adapts a C++ function or method to V8's callback signature. Typed functions get their
// arguments through Convert<T> (convert.h): a value that cannot be converted throws a TypeError
// (ERR_INVALID_ARG_TYPE) and F is not called. Missing arguments are undefined, further ones are
// ignored. Thunk<F>::Call is the callback for V8; Thunk<F>::FastCall, of typed F whose types all
// are FastType, is the function for optimized code.

// The type of the value in a Result; void for Result<Ok>.
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

// The types that fast calls may take and return: those for which V8 converts arguments in machine
// code without creating handles (v8-fast-api-calls.h).
template <class T>
concept FastType = std::same_as<T, bool> || std::same_as<T, int32_t> || std::same_as<T, uint32_t> ||
                   std::same_as<T, double> || std::same_as<T, void>;

// Sets the return value of a call. An empty MaybeLocal leaves it: an exception is pending. An Error
// is thrown.
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

// Throws ERR_INVALID_ARG_TYPE for the argument at `index`, which counts from 0. For wrong calls by
// Node's library, which validates what apps pass: the message names no parameter.
void ThrowBadArgument(Env& env, int index);

// One argument. False with an exception pending; *out is then unspecified.
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

// The result of a fast call. An exception is left pending; V8 checks for it after the call.
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

// Whether A... is the parameter list of a raw function. Needed because compilers disagree on
// whether the raw specialization of Thunk is more specialized than the typed one.
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
    if (!self) return;  // no native object is attached, or it was destroyed
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

// A table entry for F: a typed or raw function, or a typed or raw method of a Wrapped class. A
// method is not called, and undefined returned, if `this` has no native object.
template <auto F>
constexpr Entry Method(const char* name) {
  return {name, Thunk<F>::Call};
}
// The same for functions that the debugger may call while it evaluates an expression eagerly, which
// must have no effect that JavaScript can observe.
template <auto F>
constexpr Entry MethodNoSideEffect(const char* name) {
  return {name, Thunk<F>::Call, nullptr, true};
}

// Like Method(), and optimized code calls F directly, without a HandleScope. F must not run
// JavaScript. It may return Result<T> and so throw.
template <auto F>
constexpr Entry Fast(const char* name) {
  static_assert(Thunk<F>::kFast, "fast calls take and return numbers and booleans");
  return {name, Thunk<F>::Call, +[]() -> const v8::CFunction& {
            static const v8::CFunction function = v8::CFunction::Make(&Thunk<F>::FastCall);
            return function;
          }};
}

// Accessor table entries. G and S are functions or methods as for Method().
template <auto G>
constexpr Accessor Get(const char* name, v8::PropertyAttribute attributes = v8::DontDelete) {
  return {name, Thunk<G>::Call, nullptr, attributes};
}
template <auto G, auto S>
constexpr Accessor GetSet(const char* name) {
  return {name, Thunk<G>::Call, Thunk<S>::Call};
}

// Whether the constructor callback was called with `new`. If not, throws
// ERR_CONSTRUCT_CALL_REQUIRED, as Node's native classes do.
bool RequireNew(Env& env, const Args& args);

// The `construct` callback of a class whose constructor is C(Env&, const Args&). V8's garbage
// collector owns the object (wrapped.h). The constructor runs before the object is attached; if it
// throws, the object is attached nevertheless.
template <class C>
void Construct(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  (new C(env, args))->Attach(args.This());
}

// Creates a C(env, args...) and a new JavaScript object of `entry` for it. The garbage collector
// owns it: hold a handle to object() or Pin() it while the pointer is in use.
template <class C, class... A>
C* NewWrapped(Env& env, const ClassEntry& entry, A&&... a) {
  v8::Local<v8::Object> object = env.NewInstance(entry);
  C* self = new C(env, std::forward<A>(a)...);
  self->Attach(object);
  return self;
}

// ---------------------------------------------------------------------------- helpers

// Define read-only, enumerable properties: SetConstant(env, exports, "kFoo", 1). `object` must be a
// new object of native code: failure ends the process.
void SetConstant(Env& env, v8::Local<v8::Object> object, const char* name, double value);
void SetConstant(Env& env, v8::Local<v8::Object> object, const char* name, std::string_view value);
// A function outside any table, of the main context, without a prototype. Its callback must be in a
// `references` list; `data` is args.Data() in it.
v8::Local<v8::Function> NewFunction(Env& env, v8::FunctionCallback call, const char* name,
                                    v8::Local<v8::Value> data = {});
// A new object whose prototype is null.
v8::Local<v8::Object> NewNullProtoObject(Env& env);

}  // namespace kiln::runtime
