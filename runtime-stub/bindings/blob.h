// What is behind a Blob: a list of pieces of memory and of files, immutable once made and
// shared by slices, clones and other threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/binding/wrapped.h"

namespace kiln::runtime {

struct BlobPiece {
  std::shared_ptr<v8::BackingStore> memory;  // null for a piece of a file
  std::string path;
  int64_t modified_ns = 0;  // the file as it was when the blob was made
  uint64_t file_size = 0;
  uint64_t offset = 0;
  uint64_t length = 0;
};
using BlobPieces = std::shared_ptr<const std::vector<BlobPiece>>;

// The pieces behind a handle (null when the value is none), and a new handle on them.
BlobPieces BlobPiecesOf(Env& env, v8::Local<v8::Value> handle);
v8::Local<v8::Object> NewBlobHandle(Env& env, BlobPieces pieces);

}  // namespace kiln::runtime
