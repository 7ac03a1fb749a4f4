// What each native function that JavaScript can reach does besides computing: the table
// effects.inc, one line per function, is read by the part of the snapshot builder that decides
// which modules of an app may be evaluated while it is built (docs/effects.md says what the marks
// mean and how functions are named). tests/unit/effects_test.cc compares the table with the tables
// of the bindings, so a function cannot be added without a mark.
//
// The table is constant data and these functions keep no state: any thread may call them. Programs
// that do not call them are linked without the table.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

enum class Effect : uint8_t {
  // The result depends only on the arguments and on JavaScript's heap, and nothing else than the
  // heap is changed.
  kPure,
  // Reads files under a path: pure if the path is in the embedded files, otherwise a read.
  kEmbeddedRead,
  // Depends on something outside of the heap, which it does not change.
  kRead,
  // Changes something outside of the heap, holds a part of it, or starts something asynchronous.
  kAct,
};

struct Mark {
  Effect effect;
  // kEmbeddedRead: the index of the argument that is the path.
  int8_t path_argument = -1;
  // The index of the argument that decides whether the function works asynchronously, which is an
  // act whatever the effect is (IsAsynchronous()), or -1: a request of fs, or the mode of a job of
  // crypto.
  int8_t async_argument = -1;
};

// The mark of a function, by the name of its binding and its name there, or nullopt if there is
// none: a caller has to treat such a function as an act. Binary search.
std::optional<Mark> FindMark(std::string_view binding, std::string_view function);
std::optional<Effect> FindEffect(std::string_view binding, std::string_view function);

// What an async_argument says: a request is an object, or the symbol kUsePromises; the mode of a job
// is a number other than JobMode::kSync (bindings/crypto/common/crypto.h). Undefined, null and
// booleans mean a synchronous call.
bool IsAsynchronous(v8::Local<v8::Value> argument);

// The names under which the functions of a class are marked.
std::string ConstructorName(const ClassEntry& entry);                   // "new TCP"
std::string MethodName(const ClassEntry& entry, const char* method);    // "TCP.prototype.bind"
std::string GetterName(const ClassEntry& entry, const char* accessor);  // "TCP.prototype.get fd"
std::string SetterName(const ClassEntry& entry, const char* accessor);  // "TCP.prototype.set fd"
std::string StaticName(const ClassEntry& entry, const char* function);  // "X509Certificate.parse"

// The binding among `bindings` under which the functions of a class are marked: the first that
// exports it or has it as a hidden class; for a class that none lists, the first with a class that
// inherits from it. Null if there is none.
const Binding* OwnerOf(const ClassEntry& entry, std::span<const Binding* const> bindings);

// Calls visit(binding, function) for each native function in the tables of a binding and of the
// classes that it owns among `bindings`. A class without a constructor has none to mark. Classes of
// one name in one binding share their marks, so a pair may be visited several times.
void VisitFunctions(const Binding& binding, std::span<const Binding* const> bindings,
                    const std::function<void(std::string_view, const std::string&)>& visit);

// The whole table, sorted by binding and function.
struct MarkedFunction {
  std::string_view binding;
  std::string_view function;
  Mark mark;
};
std::span<const MarkedFunction> AllMarks();

}  // namespace kiln::runtime
