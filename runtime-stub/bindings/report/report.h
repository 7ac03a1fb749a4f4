// Diagnostic reports: a JSON document about the state of the process, in the format of Node's
// report version 5 (nodejs.org/api/report.html). report.cc has the binding and chooses the file;
// sections.cc and handles.cc write the content.
#pragma once

#include <string>

#include "runtime-stub/bindings/report/json_writer.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime::report {

// The settings of an Env: from the command line, changed by process.report.
struct Settings {
  explicit Settings(Env& env);
  bool compact, exclude_network, exclude_env;
  bool on_fatal_error, on_signal, on_uncaught_exception;
  std::string directory, filename, signal;
};

// Writes a report to a file and returns its name; on failure prints the error to stderr and returns
// an empty string. "stdout" and "stderr" are these streams. An empty `filename` means the
// configured one, or else one made of date, process id and a counter. `error` may be empty.
std::string WriteReport(Env& env, std::string_view event, std::string_view trigger,
                        std::string_view filename, v8::Local<v8::Value> error);

// Writes a report if --report-uncaught-exception is set. Call it before the exception is printed.
void ReportUncaughtException(Env& env, std::string_view message, v8::Local<v8::Value> error);
// Writes a report if --report-on-fatalerror is set. Call it before the process aborts; `trigger` is
// "FatalError" or "OOMError".
void ReportFatalError(Env& env, std::string_view message, std::string_view trigger);

// The text of a report.
std::string ReportText(Env& env, std::string_view event, std::string_view trigger,
                       std::string_view filename, v8::Local<v8::Value> error, bool compact);

// Each writes one section.
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
