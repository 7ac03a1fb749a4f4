// The file: a Header, a Row for each of kLibrarySources, the code. V8 checks its own version and flags
// in each piece, but of the source only the length, so the header has a digest of all sources.
#include "runtime-stub/library/library_code.h"

#include <cstring>
#include <string_view>
#include <vector>

#include "support/fnv.h"

namespace kiln::runtime {

namespace {

struct Header {
  char magic[8];
  char library[64];  // kLibraryDigest
  uint64_t count;
  uint64_t hash;  // of all bytes after the header, without the code: of the rows
};

struct Row {
  uint64_t offset, size;  // size 0: no code
  uint64_t hash;          // of the code
};

constexpr char kMagic[8] = {'K', 'I', 'L', 'N', 'C', 'O', 'D', '1'};
// V8 needs the alignment of a pointer.
constexpr size_t kAlignment = 8;

std::span<const uint8_t> g_file;
const Row* g_rows;

template <class T>
std::string_view BytesOf(const T* values, size_t count) {
  return {reinterpret_cast<const char*>(values), count * sizeof(T)};
}

}  // namespace

std::string MakeLibraryCode(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  std::vector<Row> rows(kLibrarySourceCount);
  std::string code;
  uint64_t start = sizeof(Header) + rows.size() * sizeof(Row);
  for (size_t i = 0; i < kLibrarySourceCount; ++i) {
    v8::HandleScope scope(isolate);
    v8::TryCatch caught(isolate);  // some sources are ES modules, which nothing loads in this way
    v8::Local<v8::Function> function;
    if (IsHiddenSource(kLibrarySources[i].id) ||
        !CompileLibrarySource(isolate, context, kLibrarySources[i]).ToLocal(&function))
      continue;
    std::unique_ptr<v8::ScriptCompiler::CachedData> made(
        v8::ScriptCompiler::CreateCodeCacheForFunction(function));
    if (!made) continue;
    code.append((kAlignment - (start + code.size()) % kAlignment) % kAlignment, 0);
    std::string_view bytes = BytesOf(made->data, size_t(made->length));
    rows[i] = {start + code.size(), bytes.size(), Fnv1a64(bytes)};
    code += bytes;
  }
  Header header = {{}, {}, rows.size(), Fnv1a64(BytesOf(rows.data(), rows.size()))};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  std::memcpy(header.library, kLibraryDigest, sizeof header.library);
  std::string file(BytesOf(&header, 1));
  file += BytesOf(rows.data(), rows.size());
  return file + code;
}

void UseLibraryCode(std::span<const uint8_t> file) {
  Header header;
  if (file.size() < sizeof header) return;
  std::memcpy(&header, file.data(), sizeof header);
  const Row* rows = reinterpret_cast<const Row*>(file.data() + sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 ||
      std::memcmp(header.library, kLibraryDigest, sizeof header.library) != 0 ||
      header.count != kLibrarySourceCount ||
      (file.size() - sizeof header) / sizeof(Row) < kLibrarySourceCount ||
      Fnv1a64(BytesOf(rows, kLibrarySourceCount)) != header.hash)
    return;
  g_file = file;
  g_rows = rows;
}

std::unique_ptr<v8::ScriptCompiler::CachedData> LibraryCodeOf(const LibrarySource& source) {
  if (!g_rows) return nullptr;
  const Row& row = g_rows[&source - kLibrarySources];
  if (row.size == 0 || row.offset > g_file.size() || row.size > g_file.size() - row.offset)
    return nullptr;
  const uint8_t* bytes = g_file.data() + row.offset;
  if (Fnv1a64(BytesOf(bytes, row.size)) != row.hash) return nullptr;
  return std::make_unique<v8::ScriptCompiler::CachedData>(bytes, int(row.size));
}

}  // namespace kiln::runtime
