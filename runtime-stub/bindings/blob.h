// The data of a Blob: an immutable list of pieces of memory and of files, shared by slices, clones
// and other threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/binding/wrapped.h"

namespace kiln::runtime {

// A range of bytes of a memory or a file. Never changes once it is in a BlobPieces, so every thread
// may read it.
struct BlobPiece {
  // Null for a piece of a file.
  std::shared_ptr<v8::BackingStore> memory;
  // Empty for a piece of memory.
  std::string path;
  // Modification time (nanoseconds since 1970) and size of the file when the blob was created. If
  // they have changed, reading the piece fails.
  int64_t modified_ns = 0;
  uint64_t file_size = 0;
  // Of the piece in the memory or file, in bytes, like its length.
  uint64_t offset = 0;
  uint64_t length = 0;
};
// The whole blob, in order; empty for a blob without bytes.
using BlobPieces = std::shared_ptr<const std::vector<BlobPiece>>;

// The pieces of a Blob handle, or null if the value is not one (a Blob of JavaScript is not: it
// holds a handle), and a new handle for pieces, which must not be null.
BlobPieces BlobPiecesOf(Env& env, v8::Local<v8::Value> handle);
v8::Local<v8::Object> NewBlobHandle(Env& env, BlobPieces pieces);

}  // namespace kiln::runtime
