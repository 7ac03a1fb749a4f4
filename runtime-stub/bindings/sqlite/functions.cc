// The callbacks by which SQLite calls JavaScript for a function or an aggregate, and their
// registration. SQLite owns the C++ objects: it deletes them when the function is replaced or the
// database closed. They refer to their connection by a plain pointer, which outlives them for the same
// reason.
#include "runtime-stub/bindings/sqlite/functions.h"

#include <algorithm>

namespace kiln::runtime::sqlite {

namespace {

using Values = std::vector<v8::Local<v8::Value>>;

// The exception that is pending is reported in place of SQLite's error.
void FailWithException(sqlite3_context* context) { sqlite3_result_error(context, "", 0); }

// Appends the arguments. False: an exception is pending.
bool ReadArguments(Env& env, int count, sqlite3_value** values, bool big_ints, Values* out) {
  for (int i = 0; i < count; i++) {
    v8::Local<v8::Value> value;
    if (!ValueToJs(env, values[i], big_ints).ToLocal(&value)) return false;
    out->push_back(value);
  }
  return true;
}

template <class T>
void Destroy(void* data) {
  delete static_cast<T*>(data);
}

// ---------------------------------------------------------------------------- functions

struct Function {
  Connection& connection;
  v8::Global<v8::Function> call;
  bool big_ints = false;
};

void CallFunction(sqlite3_context* context, int count, sqlite3_value** values) {
  auto& self = *static_cast<Function*>(sqlite3_user_data(context));
  Env& env = self.connection.env;
  if (!self.connection.CanCallJavaScript()) return FailWithException(context);
  v8::HandleScope scope(env.isolate);
  Values arguments;
  v8::Local<v8::Value> result;
  if (!ReadArguments(env, count, values, self.big_ints, &arguments) ||
      !self.call.Get(env.isolate)
           ->Call(env.context(), env.Undefined(), int(arguments.size()), arguments.data())
           .ToLocal(&result))
    return FailWithException(context);
  SetResult(env, context, result);
}

// ---------------------------------------------------------------------------- aggregates

struct Aggregate {
  Connection& connection;
  v8::Global<v8::Value> start;
  v8::Global<v8::Function> step, inverse, result;
  bool big_ints = false;
};

// The state of one use of an aggregate in a running statement, made at its first row. SQLite keeps
// the pointer, in memory that it frees after the final callback.
struct Accumulator {
  v8::Global<v8::Value> value;
  bool is_window = false;  // its value was read before the final callback
};

Accumulator** FindAccumulator(sqlite3_context* context) {
  return static_cast<Accumulator**>(sqlite3_aggregate_context(context, sizeof(Accumulator*)));
}

// Null: an exception is pending, or memory is exhausted, and the error is set.
Accumulator* GetAccumulator(Env& env, Aggregate& self, sqlite3_context* context) {
  Accumulator** at = FindAccumulator(context);
  if (!at) {
    sqlite3_result_error_nomem(context);
    return nullptr;
  }
  if (*at) return *at;
  v8::Local<v8::Value> start = self.start.Get(env.isolate);
  if (start->IsFunction() && !start.As<v8::Function>()
                                  ->Call(env.context(), v8::Null(env.isolate), 0, nullptr)
                                  .ToLocal(&start)) {
    FailWithException(context);
    return nullptr;
  }
  *at = new Accumulator;
  (*at)->value.Reset(env.isolate, start);
  return *at;
}

void DeleteAccumulator(sqlite3_context* context) {
  if (Accumulator** at = FindAccumulator(context)) delete std::exchange(*at, nullptr);
}

void CallStep(sqlite3_context* context, int count, sqlite3_value** values,
              v8::Global<v8::Function> Aggregate::* function) {
  auto& self = *static_cast<Aggregate*>(sqlite3_user_data(context));
  Env& env = self.connection.env;
  if (!self.connection.CanCallJavaScript()) return FailWithException(context);
  v8::HandleScope scope(env.isolate);
  Accumulator* accumulator = GetAccumulator(env, self, context);
  if (!accumulator) return;
  Values arguments = {accumulator->value.Get(env.isolate)};
  v8::Local<v8::Value> result;
  if (!ReadArguments(env, count, values, self.big_ints, &arguments) ||
      !(self.*function)
           .Get(env.isolate)
           ->Call(env.context(), env.Undefined(), int(arguments.size()), arguments.data())
           .ToLocal(&result))
    return FailWithException(context);
  accumulator->value.Reset(env.isolate, result);
}

void Step(sqlite3_context* context, int count, sqlite3_value** values) {
  CallStep(context, count, values, &Aggregate::step);
}
void Inverse(sqlite3_context* context, int count, sqlite3_value** values) {
  CallStep(context, count, values, &Aggregate::inverse);
}

void SetValue(Env& env, Aggregate& self, sqlite3_context* context, bool is_final) {
  v8::HandleScope scope(env.isolate);
  Accumulator* accumulator = GetAccumulator(env, self, context);
  if (!accumulator) return;
  if (!is_final) accumulator->is_window = true;
  // The last value of a window has been read.
  if (is_final && accumulator->is_window) return;
  v8::Local<v8::Value> value = accumulator->value.Get(env.isolate);
  if (!self.result.IsEmpty() && !self.result.Get(env.isolate)
                                     ->Call(env.context(), v8::Null(env.isolate), 1, &value)
                                     .ToLocal(&value))
    return FailWithException(context);
  SetResult(env, context, value);
}

void Value(sqlite3_context* context) {
  auto& self = *static_cast<Aggregate*>(sqlite3_user_data(context));
  if (!self.connection.CanCallJavaScript()) return FailWithException(context);
  SetValue(self.connection.env, self, context, false);
}

// Also for a statement that ends early, even in a garbage collection.
void Final(sqlite3_context* context) {
  auto& self = *static_cast<Aggregate*>(sqlite3_user_data(context));
  if (self.connection.CanCallJavaScript())
    SetValue(self.connection.env, self, context, true);
  else
    FailWithException(context);
  DeleteAccumulator(context);
}

// fn.length, an own property that code can replace. False: an exception is pending.
bool ReadLength(Env& env, v8::Local<v8::Function> function, int* out) {
  v8::Local<v8::Value> length;
  if (!function->Get(env.context(), env.Name("length")).ToLocal(&length)) return false;
  *out = length->IsInt32() ? length.As<v8::Int32>()->Value() : 0;
  return true;
}

}  // namespace

// function(name, options?, function)
void AddFunction(Env& env, const std::shared_ptr<Connection>& connection, const Args& args) {
  if (!args[0]->IsString()) return (void)ThrowMustBe(env, "name", "a string");
  const int last = args.Length() < 3 ? 1 : 2;
  bool big_ints = false, varargs = false, deterministic = false, direct_only = false;
  if (last == 2) {
    if (!args[1]->IsObject()) return (void)ThrowMustBe(env, "options", "an object");
    auto options = args[1].As<v8::Object>();
    if (!ReadFlag(env, options, "useBigIntArguments", &big_ints) ||
        !ReadFlag(env, options, "varargs", &varargs) ||
        !ReadFlag(env, options, "deterministic", &deterministic) ||
        !ReadFlag(env, options, "directOnly", &direct_only))
      return;
  }
  if (!args[last]->IsFunction()) return (void)ThrowMustBe(env, "function", "a function");
  auto call = args[last].As<v8::Function>();
  int count = -1;
  if (!varargs && !ReadLength(env, call, &count)) return;
  if (!connection->is_open()) return BadState("database is not open").Throw(env);
  const int flags = SQLITE_UTF8 | (deterministic ? SQLITE_DETERMINISTIC : 0) |
                    (direct_only ? SQLITE_DIRECTONLY : 0);
  auto* made = new Function{*connection, v8::Global<v8::Function>(env.isolate, call), big_ints};
  if (sqlite3_create_function_v2(connection->db(), ToUtf8(env.isolate, args[0]).c_str(), count,
                                 flags, made, CallFunction, nullptr, nullptr,
                                 Destroy<Function>) != SQLITE_OK)
    connection->Throw();
}

// aggregate(name, options)
void AddAggregate(Env& env, const std::shared_ptr<Connection>& connection, const Args& args) {
  std::string name = ToUtf8(env.isolate, args[0]);
  if (env.isolate->HasPendingException()) return;
  if (!args[1]->IsObject()) return (void)ThrowMustBe(env, "options", "an object");
  auto options = args[1].As<v8::Object>();
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Value> start, step, result;
  if (!options->Get(context, env.Name("start")).ToLocal(&start)) return;
  if (start->IsUndefined())
    return (void)ThrowMustBe(env, "options.start", "a function or a primitive value");
  if (!options->Get(context, env.Name("step")).ToLocal(&step)) return;
  if (!step->IsFunction()) return (void)ThrowMustBe(env, "options.step", "a function");
  if (!options->Get(context, env.Name("result")).ToLocal(&result)) return;
  bool big_ints = false, varargs = false, direct_only = false;
  v8::Local<v8::Function> inverse;
  if (!ReadFlag(env, options, "useBigIntArguments", &big_ints) ||
      !ReadFlag(env, options, "varargs", &varargs) ||
      !ReadFlag(env, options, "directOnly", &direct_only) ||
      !ReadFunction(env, options, "inverse", &inverse))
    return;

  int count = -1;
  if (!varargs) {
    // The first argument is the value so far.
    if (!ReadLength(env, step.As<v8::Function>(), &count)) return;
    int other = count;
    if (!inverse.IsEmpty() && !ReadLength(env, inverse, &other)) return;
    count = std::max({count - 1, other - 1, 0});
  }
  if (!connection->is_open()) return BadState("database is not open").Throw(env);
  auto* made = new Aggregate{*connection, {env.isolate, start}, {}, {}, {}, big_ints};
  made->step.Reset(env.isolate, step.As<v8::Function>());
  made->inverse.Reset(env.isolate, inverse);
  if (result->IsFunction()) made->result.Reset(env.isolate, result.As<v8::Function>());
  const bool window = !inverse.IsEmpty();
  if (sqlite3_create_window_function(connection->db(), name.c_str(), count,
                                     SQLITE_UTF8 | (direct_only ? SQLITE_DIRECTONLY : 0), made,
                                     Step, Final, window ? Value : nullptr,
                                     window ? Inverse : nullptr, Destroy<Aggregate>) != SQLITE_OK)
    connection->Throw();
}

}  // namespace kiln::runtime::sqlite
