// The client side of esbuild's service protocol. Everything happens on one thread: while
// waiting for a response, Await handles the requests that esbuild makes meanwhile.
#include "bundler/esbuild.h"

#include <array>

namespace kiln {
namespace {

// The version that scripts/npm/package-lock.json pins.
constexpr std::string_view kVersion = KILN_ESBUILD_VERSION;

// The longest version, such as "0.28.2", that is accepted.
constexpr uint32_t kLongestVersion = 64;

// Little-endian, as all numbers of the protocol.
uint32_t ReadUint32(const std::array<char, 4>& bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) value |= uint32_t(uint8_t(bytes[i])) << (8 * i);
  return value;
}

Error WrongVersion(const std::string& binary, std::string_view found) {
  return Error{"esbuild " + binary + " is version " + std::string(found) +
               ", but this kiln needs " + std::string(kVersion)}
      .Note(
          "Kiln speaks the service protocol of that version only. bin/kiln and lib/kiln belong "
          "together: install both from one release. In a build tree, run `./dev build` again.");
}

Location ReadLocation(const Wire& wire) {
  if (wire.kind != Wire::Kind::kMap) return {};
  return {.file = wire["file"].text,
          .line = int(wire["line"].number),
          .column = int(wire["column"].number) + 1,
          .length = int(wire["length"].number),
          .line_text = wire["lineText"].text};
}

std::vector<EsbuildMessage> ReadMessages(const Wire& wire) {
  std::vector<EsbuildMessage> messages;
  for (const Wire& item : wire.items) {
    EsbuildMessage message{
        .text = item["text"].text, .location = ReadLocation(item["location"]), .notes = {}};
    for (const Wire& note : item["notes"].items) message.notes.push_back(note["text"].text);
    messages.push_back(std::move(message));
  }
  return messages;
}

std::string TakeText(Wire& response, std::string_view key) {
  Wire* member = response.Find(key);
  return member ? std::move(member->text) : std::string();
}

}  // namespace

Result<std::unique_ptr<Esbuild>> Esbuild::Start(const std::string& binary) {
  // Go's collector runs each time that the heap has doubled, from 4 MB: a quarter of esbuild's time for an app of
  // 900 TypeScript files of 28 kB. With 400 the heap grows to five times what is in use.
  Command command{.argv = {binary, "--service=" + std::string(kVersion), "--ping"},
                  .environment = EnvironmentWith("GOGC", "400")};
  TRY(ChildProcess child, ChildProcess::Start(command));
  std::unique_ptr<Esbuild> service(new Esbuild(std::move(child)));
  // The service first sends its version, preceded by the length. A service of another version
  // reports that on stderr and exits.
  std::array<char, 4> length{};
  if (!service->child_.ReadExactly(length.data(), length.size(), 20).ok()) {
    TRY(ProcessResult result, service->child_.Wait(5));
    constexpr std::string_view kMark = "binary version \"";
    if (size_t at = result.errors.find(kMark); at != std::string::npos) {
      at += kMark.size();
      return WrongVersion(binary, result.errors.substr(at, result.errors.find('"', at) - at));
    }
    return Error{"esbuild could not be started: " + binary + " " + result.Describe()}.Note(
        result.errors);
  }
  uint32_t size = ReadUint32(length);
  if (size > kLongestVersion)
    return Error{"esbuild could not be started: " + binary +
                 " does not send esbuild's service protocol"};
  std::string version(size, 0);
  TRY_OK(service->child_.ReadExactly(version.data(), version.size(), 20));
  if (version != kVersion) return WrongVersion(binary, version);
  return service;
}

Result<Esbuild*> LazyEsbuild::Get() {
  if (!started_) {
    TRY(started_, Esbuild::Start(binary_));
  }
  return started_.get();
}

uint32_t Esbuild::Send(Wire request) {
  uint32_t id = next_id_++;
  auto written = child_.Write(EncodePacket({id, true, std::move(request)}));
  if (!written.ok() && failure_.empty()) failure_ = written.error().text;
  return id;
}

// Reads one packet and stores it in responses_ or requests_.
Result<> Esbuild::ReadPacket() {
  std::array<char, 4> head{};
  if (!child_.ReadExactly(head.data(), head.size()).ok()) {
    TRY(ProcessResult result, child_.Wait(5));
    return Error{"esbuild ended unexpectedly: it " + result.Describe()}.Note(result.errors);
  }
  std::string bytes(ReadUint32(head), 0);
  TRY_OK(child_.ReadExactly(bytes.data(), bytes.size()));
  auto packet = DecodePacket(bytes);
  if (!packet) return Error{"esbuild sent a packet that cannot be read"};
  if (packet->is_request) {
    requests_.push_back(std::move(*packet));
  } else {
    responses_[packet->id] = std::move(packet->value);
  }
  return {};
}

Result<Wire> Esbuild::Await(uint32_t id, EsbuildPlugin* plugin) {
  while (true) {
    if (!failure_.empty()) return Error{failure_};
    // If a plugin waits for a transform, further requests are left to the outer Await.
    while (!requests_.empty() && (plugin || requests_.front().value["command"].text == "ping")) {
      WirePacket request = std::move(requests_.front());
      requests_.pop_front();
      Respond(request, plugin);
    }
    if (auto found = responses_.find(id); found != responses_.end()) {
      Wire response = std::move(found->second);
      responses_.erase(found);
      if (response["error"].kind == Wire::Kind::kString)
        return Error{"esbuild: " + response["error"].text};
      return response;
    }
    TRY_OK(ReadPacket());
  }
}

void Esbuild::Respond(const WirePacket& request, EsbuildPlugin* plugin) {
  const Wire& value = request.value;
  const std::string& command = value["command"].text;
  Wire response = Wire::Map();
  if (command == "on-start") {
    response = Wire::Map({{"errors", Wire::Array()}, {"warnings", Wire::Array()}});
  } else if (command == "on-resolve" && plugin) {
    EsbuildPlugin::Resolution resolution = plugin->OnResolve(
        value["path"].text, value["importer"].text, value["namespace"].text, value["kind"].text);
    response.members.emplace_back("id", value["ids"].items.at(0));
    if (resolution.error.empty()) {
      response.members.emplace_back("path", Wire::String(resolution.path));
      response.members.emplace_back("namespace", Wire::String(resolution.name_space));
      if (!resolution.side_effects) response.members.emplace_back("sideEffects", Wire::Bool(false));
    } else {
      Wire message = Wire::Map({{"id", Wire::String("")},
                                {"pluginName", Wire::String("kiln")},
                                {"text", Wire::String(resolution.error)},
                                {"location", Wire()},
                                {"notes", Wire::Array()},
                                {"detail", Wire::Number(uint32_t(-1))}});
      response.members.emplace_back("errors", Wire::Array({message}));
    }
  } else if (command == "on-load" && plugin) {
    EsbuildPlugin::Source source = plugin->OnLoad(value["path"].text, value["namespace"].text);
    response.members.emplace_back("id", value["ids"].items.at(0));
    response.members.emplace_back("contents", Wire::Bytes(std::move(source.contents)));
    response.members.emplace_back("loader", Wire::String(source.loader));
  }
  auto written = child_.Write(EncodePacket({request.id, false, std::move(response)}));
  if (!written.ok() && failure_.empty()) failure_ = written.error().text;
}

uint32_t Esbuild::StartTransform(std::string code, const std::vector<std::string>& flags) {
  return Send(Wire::Map({{"command", Wire::String("transform")},
                         {"flags", Wire::Strings(flags)},
                         {"inputFS", Wire::Bool(false)},
                         {"input", Wire::Bytes(std::move(code))}}));
}

Result<TransformOutput> Esbuild::FinishTransform(uint32_t id) {
  TRY(Wire response, Await(id, nullptr));
  TransformOutput output;
  output.errors = ReadMessages(response["errors"]);
  output.warnings = ReadMessages(response["warnings"]);
  output.code = TakeText(response, "code");
  output.map = TakeText(response, "map");
  return output;
}

Result<BuildOutput> Esbuild::Build(const std::string& entry_text, const std::string& directory,
                                   std::vector<std::string> flags, EsbuildPlugin& plugin) {
  Wire everything = Wire::Map(
      {{"id", Wire::Number(0)}, {"filter", Wire::String(".*")}, {"namespace", Wire::String("")}});
  Wire on_load = everything;
  on_load.Find("id")->number = 1;
  Wire plugins = Wire::Array({Wire::Map({{"name", Wire::String("kiln")},
                                         {"onStart", Wire::Bool(false)},
                                         {"onEnd", Wire::Bool(false)},
                                         {"onResolve", Wire::Array({everything})},
                                         {"onLoad", Wire::Array({on_load})}})});
  flags.push_back("--outfile=" + directory + "/bundle.js");
  flags.push_back("--sourcefile=kiln-entry");
  uint32_t id = Send(Wire::Map({{"command", Wire::String("build")},
                                {"key", Wire::Number(0)},
                                {"entries", Wire::Array()},
                                {"flags", Wire::Strings(flags)},
                                {"write", Wire::Bool(false)},
                                {"stdinContents", Wire::Bytes(entry_text)},
                                {"stdinResolveDir", Wire::String(directory)},
                                {"absWorkingDir", Wire::String(directory)},
                                {"nodePaths", Wire::Array()},
                                {"context", Wire::Bool(false)},
                                {"plugins", std::move(plugins)}}));
  TRY(Wire response, Await(id, &plugin));
  BuildOutput output;
  output.errors = ReadMessages(response["errors"]);
  output.warnings = ReadMessages(response["warnings"]);
  if (Wire* files = response.Find("outputFiles")) {
    for (Wire& file : files->items) {
      bool is_map = file["path"].text.ends_with(".map");
      (is_map ? output.map : output.code) = TakeText(file, "contents");
    }
  }
  return output;
}

}  // namespace kiln
