// One interface for all compression formats. The caller of a Codec sets an input and an output
// buffer, calls Work() (on any thread, one call at a time), and then asks how much of both is left
// and whether there was an error. zlib.cc has the JavaScript classes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::runtime {

// The modes of zlib.js (constants.zlib), with the same values.
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

struct CodecError {
  std::string message;  // empty: no error
  std::string code;
  int number = 0;
  explicit operator bool() const { return !message.empty(); }
};

class Codec {
 public:
  virtual ~Codec() = default;

  // The buffers are borrowed until the end of the next Work().
  void SetBuffers(const uint8_t* in, size_t in_size, uint8_t* out, size_t out_size) {
    in_ = in;
    in_left_ = in_size;
    out_ = out;
    out_left_ = out_size;
  }
  void SetFlush(int flush) { flush_ = flush; }
  size_t in_left() const { return in_left_; }
  size_t out_left() const { return out_left_; }

  // Consumes input and writes output until one of them is used up or the stream ends. An error is
  // returned by Error() afterwards.
  virtual void Work() = 0;
  virtual CodecError Error() const = 0;
  // Begins a new stream. What SetParameter() has set is lost.
  virtual CodecError Reset() = 0;
  virtual CodecError SetParameter(int, uint32_t) { return {}; }
  // Bytes that the library may allocate, an estimate for the garbage collector.
  virtual size_t memory() const = 0;

 protected:
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
  size_t in_left_ = 0;
  size_t out_left_ = 0;
  int flush_ = 0;
};

// Valid() must be true before the options are given to NewZlibCodec().
struct ZlibOptions {
  ZlibMode mode = ZlibMode::kNone;
  int level = 0;
  int window_bits = 0;
  int memory_level = 0;
  int strategy = 0;
  std::string dictionary;
  bool reject_garbage = false;  // bytes after the first gzip member are not consumed

  // Whether the numbers are in the ranges that zlib's init functions check further.
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
std::unique_ptr<ZlibCodec> NewZlibCodec(ZlibOptions options);

// The caller must call Reset() before the first Work(). The weak functions belong to optional
// components (snapshot/format/optional_components.h) and are null in an executable without them.
[[gnu::weak]] std::unique_ptr<Codec> NewBrotliEncoder(std::string dictionary);
[[gnu::weak]] std::unique_ptr<Codec> NewBrotliDecoder(std::string dictionary);
[[gnu::weak]] std::unique_ptr<Codec> NewZstdEncoder(uint64_t pledged_size, std::string dictionary);
std::unique_ptr<Codec> NewZstdDecoder(std::string dictionary);

}  // namespace kiln::runtime
