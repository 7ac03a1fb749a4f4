// Compression with Zstandard. The optional component of this file
// (snapshot/format/optional_components.h) contains the encoder, 460 kB.
#include "runtime-stub/bindings/zlib/zstd.h"

namespace kiln::runtime {
namespace {

class Encoder final : public Zstd {
 public:
  Encoder(uint64_t pledged_size, std::string dictionary)
      : pledged_size_(pledged_size), dictionary_(std::move(dictionary)) {}
  ~Encoder() override { ZSTD_freeCCtx(context_); }

  CodecError Reset() override {
    ZSTD_freeCCtx(context_);
    context_ = ZSTD_createCCtx();
    error_ = ZSTD_error_no_error;
    consumed_ = 0;
    if (!context_) return InitFailure("Could not initialize zstd instance");
    if (!dictionary_.empty() &&
        ZSTD_isError(ZSTD_CCtx_loadDictionary(context_, dictionary_.data(), dictionary_.size())))
      return DictionaryFailure();
    if (ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context_, pledged_size_)))
      return InitFailure("Could not set pledged src size");
    return {};
  }
  CodecError SetParameter(int key, uint32_t value) override {
    if (ZSTD_isError(ZSTD_CCtx_setParameter(context_, ZSTD_cParameter(key), int(value))))
      return ParameterFailure();
    return {};
  }
  void Work() override {
    size_t before = in_left_;
    size_t rest = 0;
    Step([&](ZSTD_outBuffer* out, ZSTD_inBuffer* in) {
      return rest = ZSTD_compressStream2(context_, out, in, ZSTD_EndDirective(flush_));
    });
    consumed_ += before - in_left_;
    // The library does not compare the sizes of a frame without a body.
    if (error_ == ZSTD_error_no_error && rest == 0 && flush_ == ZSTD_e_end &&
        pledged_size_ != ZSTD_CONTENTSIZE_UNKNOWN && consumed_ != pledged_size_)
      error_ = ZSTD_error_srcSize_wrong;
  }

 private:
  uint64_t consumed_ = 0;
  uint64_t pledged_size_;
  std::string dictionary_;
  ZSTD_CCtx* context_ = nullptr;
};

}  // namespace

std::unique_ptr<Codec> NewZstdEncoder(uint64_t pledged_size, std::string dictionary) {
  return std::make_unique<Encoder>(pledged_size, std::move(dictionary));
}

}  // namespace kiln::runtime
