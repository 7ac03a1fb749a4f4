// Starts an isolate and the app's context from the snapshot, as an app does; V8's reader calls the sink
// below with an image of each part that it has read.
#include "runtime-stub/snapshot_builder/heap_images.h"

#include <unistd.h>
#include <v8.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

#include "runtime-stub/library/module_code.h"
#include "runtime-stub/snapshot_builder/open_snapshot.h"

// V8's reader (v8-patches/deserializer.patch): called with each payload that was read and what is to
// replace it. The size is 0 if it has no image; then `image` is the reason.
extern "C" __attribute__((weak)) void (*kiln_heap_image_sink)(const uint8_t* payload,
                                                              const uint8_t* image, size_t size);

namespace v8::base {
template <typename T>
struct Vector {
  T* start;
  size_t length;
};
}  // namespace v8::base

namespace v8::internal {
uint32_t Checksum(v8::base::Vector<const uint8_t> payload);
}  // namespace v8::internal

namespace kiln::runtime {

namespace {

std::map<const char*, std::string> images;
std::string refusal;

void TakeImage(const uint8_t* payload, const uint8_t* image, size_t size) {
  if (size == 0)
    refusal = reinterpret_cast<const char*>(image);
  else
    images[reinterpret_cast<const char*>(payload)].assign(reinterpret_cast<const char*>(image),
                                                          size);
}

// V8's blob: counts, the checksum of what follows it, the version, the offsets of all sections but
// the first, the sections, each of which begins with a number, the size of its payload and the payload.
constexpr size_t kChecksum = 2 * 4;
constexpr size_t kReadOnlyOffset = 4 * 4 + 64;
constexpr size_t kSectionHeader = 8;

std::string WithImages(const std::string& blob) {
  auto number = [&](size_t at) {
    uint32_t value;
    std::memcpy(&value, blob.data() + at, sizeof value);
    return value;
  };
  size_t count = 2 + number(0);
  size_t start = (kReadOnlyOffset + 4 * count + 7) & ~size_t{7};
  std::string out = blob.substr(0, start);
  for (size_t i = 0; i <= count; ++i) {
    size_t begin = i == 0 ? start : number(kReadOnlyOffset + 4 * (i - 1));
    size_t end = i == count ? blob.size() : number(kReadOnlyOffset + 4 * i);
    if (i > 0) {
      uint32_t offset = uint32_t(out.size());
      std::memcpy(&out[kReadOnlyOffset + 4 * (i - 1)], &offset, sizeof offset);
    }
    auto image = images.find(blob.data() + begin + kSectionHeader);
    if (image == images.end()) {
      out.append(blob, begin, end - begin);
    } else {
      std::string text = image->second;
      text.resize((text.size() + 7) & ~size_t{7});
      uint32_t size = uint32_t(text.size());
      out.append(blob, begin, 4).append(reinterpret_cast<const char*>(&size), 4).append(text);
    }
    out.resize((out.size() + 7) & ~size_t{7});
  }
  uint32_t checksum = v8::internal::Checksum(
      {reinterpret_cast<const uint8_t*>(out.data()) + kChecksum + 4, out.size() - kChecksum - 4});
  std::memcpy(&out[kChecksum], &checksum, sizeof checksum);
  return out;
}

}  // namespace

int MakeHeapImages(const char* image_path, const char* snapshot_path, bool with_code) {
  SnapshotFiles* files = StartForSnapshot(image_path, snapshot_path);
  if (!files) return 1;
  if (!&kiln_heap_image_sink) {
    std::fputs("kiln: the snapshot has no images of the heap: V8 is not patched\n", stderr);
    return 0;
  }
  kiln_heap_image_sink = TakeImage;
  (void)OpenSnapshot(files, [&](v8::Local<v8::Context> context) {
    if (!refusal.empty()) {
      std::fprintf(stderr, "kiln: the snapshot has no images of the heap: %s\n", refusal.c_str());
      _exit(0);
    }
    std::string written = WithImages(files->blob);
    if (with_code) written += MakeModuleCode(context, written.size());
    std::ofstream out(snapshot_path, std::ios::binary | std::ios::trunc);
    out << files->prefix << written;
    out.close();
    _exit(out ? 0 : 1);
  });
  return 1;
}

}  // namespace kiln::runtime
