// Decompression with Brotli. The optional component of this file
// (snapshot/format/optional_components.h) contains the decoder and Brotli's dictionary, 170 kB.
#include <brotli/decode.h>
#include <brotli/encode.h>
#include <zlib.h>

#include "runtime-stub/bindings/zlib/codec.h"

namespace kiln::runtime {
namespace {

const uint8_t* Raw(const std::string& s) { return reinterpret_cast<const uint8_t*>(s.data()); }

class Decoder final : public Codec {
 public:
  explicit Decoder(std::string dictionary) : dictionary_(std::move(dictionary)) {}
  ~Decoder() override { Destroy(); }

  CodecError Reset() override {
    Destroy();
    result_ = BROTLI_DECODER_RESULT_SUCCESS;
    error_ = BROTLI_DECODER_NO_ERROR;
    state_ = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
    if (!state_)
      return {"Could not initialize Brotli instance", "ERR_ZLIB_INITIALIZATION_FAILED", -1};
    if (!dictionary_.empty() &&
        !BrotliDecoderAttachDictionary(state_, BROTLI_SHARED_DICTIONARY_RAW, dictionary_.size(),
                                       Raw(dictionary_)))
      return {"Failed to load brotli dictionary", "ERR_ZLIB_DICTIONARY_LOAD_FAILED", -1};
    return {};
  }
  CodecError SetParameter(int key, uint32_t value) override {
    if (BrotliDecoderSetParameter(state_, BrotliDecoderParameter(key), value)) return {};
    return {"Setting parameter failed", "ERR_BROTLI_PARAM_SET_FAILED", -1};
  }
  void Work() override {
    result_ = BrotliDecoderDecompressStream(state_, &in_left_, &in_, &out_left_, &out_, nullptr);
    if (result_ == BROTLI_DECODER_RESULT_ERROR) error_ = BrotliDecoderGetErrorCode(state_);
  }
  CodecError Error() const override {
    if (error_ != BROTLI_DECODER_NO_ERROR)
      return {"Decompression failed", std::string("ERR_") + BrotliDecoderErrorString(error_),
              int(error_)};
    if (flush_ == BROTLI_OPERATION_FINISH && result_ == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
      return {"unexpected end of file", "Z_BUF_ERROR", Z_BUF_ERROR};
    return {};
  }
  size_t memory() const override { return 256 << 10; }

 private:
  void Destroy() {
    if (state_) BrotliDecoderDestroyInstance(state_);
    state_ = nullptr;
  }
  std::string dictionary_;
  BrotliDecoderState* state_ = nullptr;
  BrotliDecoderResult result_ = BROTLI_DECODER_RESULT_SUCCESS;
  BrotliDecoderErrorCode error_ = BROTLI_DECODER_NO_ERROR;
};

}  // namespace

std::unique_ptr<Codec> NewBrotliDecoder(std::string dictionary) {
  return std::make_unique<Decoder>(std::move(dictionary));
}

}  // namespace kiln::runtime
