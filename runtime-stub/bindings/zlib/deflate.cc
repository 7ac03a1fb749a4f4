// deflate, gzip, raw deflate, and unzip (either format), with zlib. The library's stream is
// initialized by the first write, on the thread pool, because that touches a lot of memory.
#include "runtime-stub/bindings/zlib/chromium_zlib.h"
#include "runtime-stub/bindings/zlib/codec.h"

namespace kiln::runtime {
namespace {

const char* CodeName(int err) {
  switch (err) {
    case Z_OK:
      return "Z_OK";
    case Z_STREAM_END:
      return "Z_STREAM_END";
    case Z_NEED_DICT:
      return "Z_NEED_DICT";
    case Z_ERRNO:
      return "Z_ERRNO";
    case Z_STREAM_ERROR:
      return "Z_STREAM_ERROR";
    case Z_DATA_ERROR:
      return "Z_DATA_ERROR";
    case Z_MEM_ERROR:
      return "Z_MEM_ERROR";
    case Z_BUF_ERROR:
      return "Z_BUF_ERROR";
    case Z_VERSION_ERROR:
      return "Z_VERSION_ERROR";
    default:
      return "Z_UNKNOWN_ERROR";
  }
}

class Zlib final : public ZlibCodec {
 public:
  explicit Zlib(ZlibOptions options) : options_(std::move(options)), mode_(options_.mode) {
    if (mode_ == ZlibMode::kGzip || mode_ == ZlibMode::kGunzip) options_.window_bits += 16;
    if (mode_ == ZlibMode::kUnzip) options_.window_bits += 32;
    if (mode_ == ZlibMode::kDeflateRaw || mode_ == ZlibMode::kInflateRaw)
      options_.window_bits *= -1;
  }
  ~Zlib() override {
    if (!started_) return;
    if (compresses())
      deflateEnd(&stream_);
    else
      inflateEnd(&stream_);
  }

  void Work() override {
    if (!Start()) return;
    stream_.next_in = const_cast<Bytef*>(in_);
    stream_.avail_in = uInt(in_left_);
    stream_.next_out = out_;
    stream_.avail_out = uInt(out_left_);
    if (compresses())
      err_ = deflate(&stream_, flush_);
    else
      Inflate();
    in_left_ = stream_.avail_in;
    out_left_ = stream_.avail_out;
  }

  CodecError Error() const override {
    switch (err_) {
      case Z_OK:
      case Z_BUF_ERROR:
        if (out_left_ != 0 && flush_ == Z_FINISH) return Failure("unexpected end of file");
        return {};
      case Z_STREAM_END:
        return {};
      case Z_NEED_DICT:
        return Failure(options_.dictionary.empty() ? "Missing dictionary" : "Bad dictionary");
      default:
        return Failure("Zlib error");
    }
  }

  CodecError Reset() override {
    if (!Start()) return Failure("Failed to init stream before reset");
    err_ = compresses() ? deflateReset(&stream_) : inflateReset(&stream_);
    if (err_ != Z_OK) return Failure("Failed to reset stream");
    return SetDictionary();
  }

  CodecError SetLevel(int level, int strategy) override {
    if (!Start()) return Failure("Failed to init stream before set parameters");
    err_ = Z_OK;
    if (mode_ != ZlibMode::kDeflate && mode_ != ZlibMode::kDeflateRaw) return {};
    // deflateParams() first compresses pending input with the old parameters. There is none, since
    // JavaScript has flushed; but the stream must not point to the buffers of the last write.
    Bytef nowhere[64];
    stream_.next_in = nowhere;
    stream_.avail_in = 0;
    stream_.next_out = nowhere;
    stream_.avail_out = sizeof nowhere;
    err_ = deflateParams(&stream_, level, strategy);
    if (stream_.avail_out != sizeof nowhere) err_ = Z_STREAM_ERROR;
    if (err_ != Z_OK && err_ != Z_BUF_ERROR) return Failure("Failed to set parameters");
    return {};
  }

  size_t memory() const override {
    int bits = options_.window_bits < 0 ? -options_.window_bits : options_.window_bits & 15;
    if (bits == 0) bits = 15;
    return compresses() ? (size_t(1) << (bits + 2)) + (size_t(1) << (options_.memory_level + 9))
                        : (size_t(1) << bits) + 7 * 1024;
  }

 private:
  bool compresses() const {
    return mode_ == ZlibMode::kDeflate || mode_ == ZlibMode::kGzip ||
           mode_ == ZlibMode::kDeflateRaw;
  }

  CodecError Failure(const char* message) const {
    return {stream_.msg ? stream_.msg : message, CodeName(err_), err_};
  }

  bool Start() {
    if (started_) return true;
    err_ = compresses() ? deflateInit2(&stream_, options_.level, Z_DEFLATED, options_.window_bits,
                                       options_.memory_level, options_.strategy)
                        : inflateInit2(&stream_, options_.window_bits);
    if (err_ != Z_OK) return false;
    started_ = true;
    SetDictionary();
    return err_ == Z_OK;
  }

  // The inflating modes other than raw request the dictionary when they need it (Z_NEED_DICT).
  CodecError SetDictionary() {
    if (options_.dictionary.empty()) return {};
    err_ = Z_OK;
    if (mode_ == ZlibMode::kDeflate || mode_ == ZlibMode::kDeflateRaw)
      err_ = deflateSetDictionary(&stream_, Dictionary(), uInt(options_.dictionary.size()));
    else if (mode_ == ZlibMode::kInflateRaw)
      err_ = inflateSetDictionary(&stream_, Dictionary(), uInt(options_.dictionary.size()));
    if (err_ != Z_OK) return Failure("Failed to set dictionary");
    return {};
  }
  const Bytef* Dictionary() const {
    return reinterpret_cast<const Bytef*>(options_.dictionary.data());
  }

  // unzip accepts gzip or deflate. The first two bytes, which may arrive separately, decide.
  void Detect() {
    const Bytef* next = stream_.next_in;
    uInt left = stream_.avail_in;
    if (magic_seen_ == 0) {
      if (left == 0) return;
      if (*next != 0x1f) {
        mode_ = ZlibMode::kInflate;
        return;
      }
      magic_seen_ = 1;
      next++;
      left--;
    }
    if (left == 0) return;
    mode_ = *next == 0x8b ? ZlibMode::kGunzip : ZlibMode::kInflate;
  }

  void Inflate() {
    if (mode_ == ZlibMode::kUnzip) Detect();
    err_ = inflate(&stream_, flush_);
    if (mode_ != ZlibMode::kInflateRaw && err_ == Z_NEED_DICT && !options_.dictionary.empty()) {
      err_ = inflateSetDictionary(&stream_, Dictionary(), uInt(options_.dictionary.size()));
      if (err_ == Z_OK)
        err_ = inflate(&stream_, flush_);
      else if (err_ == Z_DATA_ERROR)
        err_ = Z_NEED_DICT;  // the dictionary is wrong, not the data
    }
    // Another member of the same archive may follow, or zeroes as padding.
    while (!options_.reject_garbage && stream_.avail_in > 0 && mode_ == ZlibMode::kGunzip &&
           err_ == Z_STREAM_END && stream_.next_in[0] != 0) {
      Reset();
      err_ = inflate(&stream_, flush_);
    }
  }

  ZlibOptions options_;
  ZlibMode mode_;
  z_stream stream_ = {};
  bool started_ = false;
  int magic_seen_ = 0;
  int err_ = Z_OK;
};

}  // namespace

std::unique_ptr<ZlibCodec> NewZlibCodec(ZlibOptions options) {
  return std::make_unique<Zlib>(std::move(options));
}

}  // namespace kiln::runtime
