// Messages of the inspector's protocol: JSON in UTF-8. V8's inspector answers most commands; a domain of
// Node's (NodeWorker, NodeRuntime, …) is a class here. On the thread of the session.
#pragma once

#include <v8-inspector.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime-stub/bindings/report/json_writer.h"
#include "simdjson.h"

namespace kiln::runtime::inspector {

std::string ToUtf8(v8_inspector::StringView text);
// A view of the bytes, which must outlive it. V8 reads messages of 8-bit characters as UTF-8.
v8_inspector::StringView MessageView(std::string_view utf8);
// A copy as V8 expects texts other than messages.
std::unique_ptr<v8_inspector::StringBuffer> TextBuffer(std::string_view utf8);

// A JSON object on one line. `fill` calls the functions of the writer for its members.
std::string ObjectText(auto fill) {
  report::JsonWriter writer(true);
  writer.BeginObject();
  fill(writer);
  writer.EndObject();
  std::string text = writer.Finish();
  text.pop_back();
  return text;
}

// The parameters of a command.
class Params {
 public:
  explicit Params(simdjson::dom::element value) : value_(value) {}
  // Absent if there is none of that name and type.
  std::optional<std::string_view> Text(std::string_view name) const {
    std::string_view text;
    if (value_[name].get_string().get(text)) return {};
    return text;
  }
  std::optional<bool> Bool(std::string_view name) const {
    bool value;
    if (value_[name].get_bool().get(value)) return {};
    return value;
  }
  simdjson::dom::element value() const { return value_; }

 private:
  simdjson::dom::element value_;
};

// The answer to a command: an object, or an error with a code of JSON-RPC.
struct Reply {
  static constexpr int kServerError = -32000, kInvalidParams = -32602, kMethodNotFound = -32601;
  static Reply Error(std::string text, int code = kServerError) {
    return {.error = std::move(text), .code = code};
  }
  static Reply MissingParam(std::string_view name, std::string_view type) {
    Reply reply = Error("Invalid parameters", kInvalidParams);
    reply.data = "Failed to deserialize params." + std::string(name) +
                 " - BINDINGS: " + std::string(type) + " value expected";
    return reply;
  }
  std::string result = "{}";
  std::string error, data;
  int code = 0;
};

class Domain {
 public:
  virtual ~Domain() = default;
  // "NodeWorker".
  virtual std::string_view name() const = 0;
  // Runs a command ("enable"). Nothing: there is none of that name.
  virtual std::optional<Reply> Run(std::string_view method, const Params& params) = 0;
  // The session ends.
  virtual void Disable() {}
};

}  // namespace kiln::runtime::inspector
