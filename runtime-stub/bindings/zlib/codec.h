// Compression formats behind one interface. A Codec is given an input and an output, works
// (on any thread, one call at a time), and tells how much of both is left and what went
// wrong. zlib.cc is what JavaScript sees of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::runtime {

// The modes of zlib.js (constants.zlib).
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
  std::string message;  // empty: none
  std::string code;
  int number = 0;
  explicit operator bool() const { return !message.empty(); }
};

class Codec {
 public:
  virtual ~Codec() = default;

  void SetBuffers(const uint8_t* in, size_t in_size, uint8_t* out, size_t out_size) {
    in_ = in;
    in_left_ = in_size;
    out_ = out;
    out_left_ = out_size;
  }
  void SetFlush(int flush) { flush_ = flush; }
  size_t in_left() const { return in_left_; }
  size_t out_left() const { return out_left_; }

  virtual void Work() = 0;
  virtual CodecError Error() const = 0;
  virtual CodecError Reset() = 0;
  virtual CodecError SetParameter(int, uint32_t) { return {}; }
  // Memory it may take, for the garbage collector to know.
  virtual size_t memory() const = 0;

 protected:
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
  size_t in_left_ = 0;
  size_t out_left_ = 0;
  int flush_ = 0;
};

// REQUIRES: what Valid() says of the numbers.
struct ZlibOptions {
  ZlibMode mode = ZlibMode::kNone;
  int level = 0;
  int window_bits = 0;
  int memory_level = 0;
  int strategy = 0;
  std::string dictionary;
  bool reject_garbage = false;  // whatever follows a gzip member is left over

  // Whether the numbers are such that zlib can judge them.
  bool Valid() const {
    return mode >= ZlibMode::kDeflate && mode <= ZlibMode::kUnzip && window_bits >= 0 &&
           window_bits <= 15 && memory_level >= 1 && memory_level <= 9;
  }
};
class ZlibCodec : public Codec {
 public:
  // deflateParams
  virtual CodecError SetLevel(int level, int strategy) = 0;
};
std::unique_ptr<ZlibCodec> NewZlibCodec(ZlibOptions options);

// Reset() starts these. The weak ones are of components (snapshot/format/optional_components.h): null in an
// executable that is linked without.
[[gnu::weak]] std::unique_ptr<Codec> NewBrotliEncoder(std::string dictionary);
[[gnu::weak]] std::unique_ptr<Codec> NewBrotliDecoder(std::string dictionary);
[[gnu::weak]] std::unique_ptr<Codec> NewZstdEncoder(uint64_t pledged_size, std::string dictionary);
std::unique_ptr<Codec> NewZstdDecoder(std::string dictionary);

}  // namespace kiln::runtime
