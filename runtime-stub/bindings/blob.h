// The data of a Blob: an immutable list of pieces of memory and of files, shared by slices, clones
// and other threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/binding/wrapped.h"

namespace kiln::runtime {

struct BlobPiece {
  std::shared_ptr<v8::BackingStore> memory;  // null for a piece of a file
  std::string path;
  // Modification time (nanoseconds since 1970) and size of the file when the blob was created. If
  // they have changed, reading the piece fails.
  int64_t modified_ns = 0;
  uint64_t file_size = 0;
  uint64_t offset = 0;  // of the piece in the memory or file, in bytes
  uint64_t length = 0;
};
using BlobPieces = std::shared_ptr<const std::vector<BlobPiece>>;

// The pieces of a Blob handle (null if the value is not one), and a new handle for pieces.
BlobPieces BlobPiecesOf(Env& env, v8::Local<v8::Value> handle);
v8::Local<v8::Object> NewBlobHandle(Env& env, BlobPieces pieces);

}  // namespace kiln::runtime
