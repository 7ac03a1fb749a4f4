// One interface for all compression formats. The caller of a Codec sets an input and an output
// buffer, calls Work() (on any thread, one call at a time), and then asks how much of both is left
// and whether there was an error. zlib.cc has the JavaScript classes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::runtime {

// The modes of zlib.js (constants.zlib), with the same values. kUnzip detects gzip or deflate by
// the first two bytes; the raw modes have no header.
enum class ZlibMode : int {
  kNone,
  kDeflate,
  kInflate,
  kGzip,
  kGunzip,
  kDeflateRaw,
  kInflateRaw,
  kUnzip,
  kBrotliDecode,
  kBrotliEncode,
  kZstdCompress,
  kZstdDecompress,
};

// What onerror(message, number, code) of zlib.js receives.
struct CodecError {
  // Empty: no error.
  std::string message;
  // Such as "Z_DATA_ERROR" or "ERR_BROTLI_COMPRESSION_FAILED".
  std::string code;
  // The library's number of the error; -1 if it has none.
  int number = 0;
  explicit operator bool() const { return !message.empty(); }
};

// One stream of data in one direction. Work() is called with further buffers until the input is
// used up; after an error only Reset() and the destructor are useful. Not thread-safe: between
// SetBuffers() and the end of Work() the thread that works owns it. It does not use V8.
class Codec {
 public:
  virtual ~Codec() = default;

  // The buffers are borrowed until the end of the next Work(). `in` may be null if `in_size` is 0.
  // Sizes in bytes.
  void SetBuffers(const uint8_t* in, size_t in_size, uint8_t* out, size_t out_size) {
    in_ = in;
    in_left_ = in_size;
    out_ = out;
    out_left_ = out_size;
  }
  // For the next Work(): a value of the library's own enumeration (Z_FINISH of zlib,
  // BROTLI_OPERATION_FINISH, ZSTD_e_end), as zlib.js passes it. The decoders of Brotli and
  // Zstandard use it only to detect input that ends too early.
  void SetFlush(int flush) { flush_ = flush; }
  // After Work(): bytes of the input that it has not consumed, and of the output that it has not
  // written.
  size_t in_left() const { return in_left_; }
  size_t out_left() const { return out_left_; }

  // Consumes input and writes output until one of them is used up or the stream ends. An error is
  // returned by Error() afterwards. Bytes after the end of the stream are left in the input;
  // further gzip members belong to the stream, unless reject_garbage is set.
  virtual void Work() = 0;
  // The error of the last Work(), also "unexpected end of file" if that was to finish the stream.
  virtual CodecError Error() const = 0;
  // Begins a new stream, with the same dictionary. What SetParameter() has set is lost. Returns an
  // error if the library lacks memory or rejects the dictionary.
  virtual CodecError Reset() = 0;
  // Sets a parameter of Brotli or Zstandard, by its number in the library's header
  // (constants.zlib). REQUIRES: Reset() has succeeded, and no Work() since then.
  virtual CodecError SetParameter(int, uint32_t) { return {}; }
  // Bytes that the library may allocate, an estimate for the garbage collector.
  virtual size_t memory() const = 0;

 protected:
  const uint8_t* in_ = nullptr;
  // Next byte to read and to write.
  uint8_t* out_ = nullptr;
  size_t in_left_ = 0;
  size_t out_left_ = 0;
  int flush_ = 0;
};

// The options of deflateInit2() and inflateInit2() in zlib.h. Valid() must be true before they are
// given to NewZlibCodec().
struct ZlibOptions {
  ZlibMode mode = ZlibMode::kNone;
  int level = 0;
  // 0 to 15, without the additions for gzip and raw. 0, for decompression only: as in the header.
  int window_bits = 0;
  int memory_level = 0;
  int strategy = 0;
  // Empty: none. gzip has none.
  std::string dictionary;
  bool reject_garbage = false;  // bytes after the first gzip member are not consumed

  // Whether the numbers are in the ranges that zlib's init functions check further.
  // The ranges of level and strategy are checked by zlib alone.
  bool Valid() const {
    return mode >= ZlibMode::kDeflate && mode <= ZlibMode::kUnzip && window_bits >= 0 &&
           window_bits <= 15 && memory_level >= 1 && memory_level <= 9;
  }
};
class ZlibCodec : public Codec {
 public:
  // Changes level and strategy of a compressing stream (deflateParams in zlib.h). No effect on
  // other streams.
  virtual CodecError SetLevel(int level, int strategy) = 0;
};
// Never fails: zlib is initialized by the first Work(), Reset() or SetLevel(), which report the
// error.
std::unique_ptr<ZlibCodec> NewZlibCodec(ZlibOptions options);

// The caller must call Reset() before the first Work(). Bytes of `dictionary` are raw content, or
// for Zstandard also a trained dictionary; empty: none. `pledged_size` is the exact number of input
// bytes, uint64_t(-1) if unknown; another number is an error at the end. The weak functions belong
// to optional components (snapshot/format/optional_components.h) and are null in an executable
// without them.
[[gnu::weak]] std::unique_ptr<Codec> NewBrotliEncoder(std::string dictionary);
[[gnu::weak]] std::unique_ptr<Codec> NewBrotliDecoder(std::string dictionary);
[[gnu::weak]] std::unique_ptr<Codec> NewZstdEncoder(uint64_t pledged_size, std::string dictionary);
std::unique_ptr<Codec> NewZstdDecoder(std::string dictionary);

}  // namespace kiln::runtime
