#include "runtime-stub/snapshot_builder/heap_walk.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "runtime-stub/snapshot_builder/open_snapshot.h"

// In v8-patches/heap-walker.cc; absent if V8 is not patched.
extern "C" __attribute__((weak)) size_t kiln_walk_heap(v8::Isolate* isolate, FILE* out,
                                                       size_t* objects, size_t* bytes);

namespace kiln::runtime {

namespace {

constexpr int kNotPatched = 77;
constexpr const char* kUnpatched = "unpatched";

// Starts this program; returns its exit code.
int RunSelf(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "kiln-stub");
  arguments.push_back(nullptr);
  pid_t child;
  if (posix_spawn(&child, "/proc/self/exe", nullptr, nullptr,
                  const_cast<char* const*>(arguments.data()), environ) != 0)
    return -1;
  int status;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

// A line without the end that is too long to be read.
std::string Shown(const std::string& line) {
  return line.size() > 1000 ? line.substr(0, 1000) + " …" : line;
}

// Whether the heaps are equal. Prints the first lines that differ, and what the heaps of images have.
bool Compare(const char* reader, const std::string& read_path, const std::string& mapped_path,
             std::string* objects) {
  std::ifstream read(read_path), mapped(mapped_path);
  std::string one, other;
  int different = 0;
  objects->clear();
  while (different < 10) {
    const bool more = bool(std::getline(read, one)),
               more_mapped = bool(std::getline(mapped, other));
    if (!more && !more_mapped) break;
    if (one.starts_with("fault") || one != other || more != more_mapped) {
      ++different;
      std::fprintf(stderr,
                   "kiln: the heap of an image is not what %s makes\n  read   %s\n  mapped %s\n",
                   reader, Shown(more ? one : "nothing").c_str(),
                   Shown(more_mapped ? other : "nothing").c_str());
    }
    if (other.starts_with("objects "))
      *objects += (objects->empty() ? "" : "; after collections, ") + other;
  }
  return different == 0 && !objects->empty();
}

}  // namespace

int WalkHeap(const char* image_path, const char* snapshot_path, const char* out_path,
             bool unpatched) {
  if (!&kiln_walk_heap) return kNotPatched;
  SnapshotFiles* files =
      StartForSnapshot(image_path, snapshot_path,
                       // With this flag V8's way is taken (v8-patches/deserializer.patch).
                       unpatched ? std::vector<std::string>{"--log-maps", "--logfile=/dev/null"}
                                 : std::vector<std::string>{});
  if (!files) return 1;
  (void)OpenSnapshot(files, [&](v8::Local<v8::Context> context) {
    FILE* out = std::fopen(out_path, "w");
    if (!out) _exit(1);
    size_t faults = 0;
    for (bool collect : {false, true}) {
      if (collect)
        for (int i = 0; i < 3; ++i) context->GetIsolate()->LowMemoryNotification();
      size_t objects, bytes;
      faults += kiln_walk_heap(context->GetIsolate(), out, &objects, &bytes);
    }
    _exit(std::fclose(out) == 0 && faults == 0 ? 0 : 1);
  });
  return 1;
}

int MakeVerifiedHeapImages(const char* image_path, const char* snapshot_path, bool with_code) {
  const std::string path = snapshot_path, read = path + ".read", read_heap = path + ".read-heap",
                    heap = path + ".heap";
  std::ofstream(read, std::ios::binary) << std::ifstream(path, std::ios::binary).rdbuf();
  std::vector<const char*> make = {"--kiln-make-heap-images", image_path, snapshot_path};
  if (with_code) make.push_back("code");
  if (int code = RunSelf(make)) return code;
  const int mapped = RunSelf({"--kiln-walk-heap", image_path, snapshot_path, heap.c_str()});
  if (mapped == kNotPatched) {
    std::fputs("kiln: heaps are not compared: V8 is not patched\n", stderr);
    return 0;
  }
  bool equal = mapped == 0;
  std::string objects;
  struct Reader {
    const char *name, *argument;
  };
  for (const Reader& reader :
       {Reader{"V8's own reader", kUnpatched}, {"the patched reader", nullptr}}) {
    std::vector<const char*> walk = {"--kiln-walk-heap", image_path, read.c_str(),
                                     read_heap.c_str()};
    if (reader.argument) walk.push_back(reader.argument);
    const int code = RunSelf(walk);
    if (code != 0 || mapped != 0)
      std::fprintf(stderr, "kiln: walking the heaps ends with %d and %d\n", code, mapped);
    equal = Compare(reader.name, read_heap, heap, &objects) && code == 0 && equal;
  }
  for (const std::string& file : {read, read_heap, heap}) unlink(file.c_str());
  if (equal) std::fprintf(stderr, "kiln: the heap of an image is V8's: %s\n", objects.c_str());
  return equal ? 0 : 1;
}

}  // namespace kiln::runtime
