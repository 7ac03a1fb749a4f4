// Diagnostic reports: a JSON file about the state of the process, in the layout of Node's
// report version 5. report.cc is the binding and decides where a report goes,
// sections.cc and handles.cc write what is in it.
#pragma once

#include <string>

#include "runtime-stub/bindings/report/json_writer.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime::report {

// The settings of an Env, from the command line and then process.report.
struct Settings {
  explicit Settings(Env& env);
  bool compact, exclude_network, exclude_env;
  bool on_fatal_error, on_signal, on_uncaught_exception;
  std::string directory, filename, signal;
};

// Writes a report to a file ("stdout" and "stderr" are those) and answers its name; empty
// when it could not be written, which is said on stderr. Without a `filename` the
// configured one is taken, or one made of the date, the process and a number. `error` may
// be empty.
std::string WriteReport(Env& env, std::string_view event, std::string_view trigger,
                        std::string_view filename, v8::Local<v8::Value> error);

// If --report-uncaught-exception is set. Called before the exception is printed.
void ReportUncaughtException(Env& env, std::string_view message, v8::Local<v8::Value> error);
// If --report-on-fatalerror is set. Called when the process is about to abort; the trigger
// is "FatalError" or "OOMError".
void ReportFatalError(Env& env, std::string_view message, std::string_view trigger);

// The text of a report.
std::string ReportText(Env& env, std::string_view event, std::string_view trigger,
                       std::string_view filename, v8::Local<v8::Value> error, bool compact);

// One section each; see sections.cc and handles.cc.
void WriteHeader(Env& env, JsonWriter& json, std::string_view event, std::string_view trigger,
                 std::string_view filename);
void WriteJavaScriptStack(Env& env, JsonWriter& json, v8::Local<v8::Value> error,
                          std::string_view event);
void WriteHeap(Env& env, JsonWriter& json);
void WriteNativeStack(JsonWriter& json);
void WriteResourceUsage(Env& env, JsonWriter& json);
void WriteHandles(Env& env, JsonWriter& json);
void WriteEnvironment(JsonWriter& json);
void WriteLimits(JsonWriter& json);
void WriteSharedObjects(JsonWriter& json);

}  // namespace kiln::runtime::report
