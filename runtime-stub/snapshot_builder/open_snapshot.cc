#include "runtime-stub/snapshot_builder/open_snapshot.h"

#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>

#include "runtime-stub/binding/registry.h"
#include "runtime-stub/library/library.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/icu_data.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/array_buffer_allocator.h"
#include "runtime-stub/platform/context_features.h"
#include "runtime-stub/platform/start_v8.h"
#include "snapshot/format/payload_format.h"

namespace kiln::runtime {

namespace {

std::string ReadWhole(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

SnapshotFiles* StartForSnapshot(const char* image_path, const char* snapshot_path,
                                const std::vector<std::string>& more_flags) {
  static std::string image;
  static SnapshotFiles files;
  static std::optional<Payload> payload;
  image = ReadWhole(image_path);
  files.blob = ReadWhole(snapshot_path);
  std::string error;
  payload =
      ReadPayload({reinterpret_cast<const uint8_t*>(image.data()), image.size()}, false, &error);
  if (!payload || files.blob.size() <= sizeof(format::SnapshotPrefix)) {
    std::fprintf(stderr, "kiln: %s: %s\n", image_path, error.c_str());
    return nullptr;
  }
  files.prefix = files.blob.substr(0, sizeof(format::SnapshotPrefix));
  files.blob.erase(0, sizeof(format::SnapshotPrefix));
  UseIcuData(payload->intl);
  SetEmbeddedFiles(payload->files);
  std::vector<std::string> flags = {"--hash-seed=1", "--random-seed=1"};
  flags.insert(flags.end(), payload->v8_flags.begin(), payload->v8_flags.end());
  flags.insert(flags.end(), more_flags.begin(), more_flags.end());
  SetV8Flags(flags);
  SetAppText(payload->script);
  StartV8(0);
  return &files;
}

bool OpenSnapshot(SnapshotFiles* files, const std::function<void(v8::Local<v8::Context>)>& look) {
  v8::Isolate* isolate = v8::Isolate::Allocate();
  ThePlatform().RegisterIsolate(isolate);
  static v8::StartupData blob;
  blob = {files->blob.data(), int(files->blob.size())};
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = BufferAllocator();
  params.external_references = ExternalReferences().data();
  params.snapshot_blob = &blob;
  v8::Isolate::Initialize(isolate, params);
  v8::Isolate::Scope in_isolate(isolate);
  v8::HandleScope handles(isolate);
  FeaturesAreInSnapshot(isolate);
  v8::Local<v8::Context> context;
  {
    ContextCreation creation(isolate);
    if (!v8::Context::FromSnapshot(isolate, 0).ToLocal(&context)) return false;
  }
  look(context);
  return true;
}

}  // namespace kiln::runtime
