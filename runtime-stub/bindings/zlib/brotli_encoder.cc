// Compression with Brotli. The optional component of this file
// (snapshot/format/optional_components.h) contains the encoder and its tables, 650 kB.
#include <brotli/encode.h>

#include "runtime-stub/bindings/zlib/codec.h"

namespace kiln::runtime {
namespace {

const uint8_t* Raw(const std::string& s) { return reinterpret_cast<const uint8_t*>(s.data()); }

class Encoder final : public Codec {
 public:
  explicit Encoder(std::string dictionary) : dictionary_(std::move(dictionary)) {}
  ~Encoder() override { Destroy(); }

  CodecError Reset() override {
    Destroy();
    ok_ = true;
    state_ = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
    if (!state_)
      return {"Could not initialize Brotli instance", "ERR_ZLIB_INITIALIZATION_FAILED", -1};
    if (dictionary_.empty()) return {};
    prepared_ = BrotliEncoderPrepareDictionary(BROTLI_SHARED_DICTIONARY_RAW, dictionary_.size(),
                                               Raw(dictionary_), BROTLI_MAX_QUALITY, nullptr,
                                               nullptr, nullptr);
    if (!prepared_ || !BrotliEncoderAttachPreparedDictionary(state_, prepared_))
      return {"Failed to load brotli dictionary", "ERR_ZLIB_DICTIONARY_LOAD_FAILED", -1};
    return {};
  }
  CodecError SetParameter(int key, uint32_t value) override {
    if (BrotliEncoderSetParameter(state_, BrotliEncoderParameter(key), value)) return {};
    return {"Setting parameter failed", "ERR_BROTLI_PARAM_SET_FAILED", -1};
  }
  void Work() override {
    // An unknown operation makes the library loop endlessly.
    ok_ = flush_ <= BROTLI_OPERATION_EMIT_METADATA &&
          BrotliEncoderCompressStream(state_, BrotliEncoderOperation(flush_), &in_left_, &in_,
                                      &out_left_, &out_, nullptr);
  }
  CodecError Error() const override {
    if (ok_) return {};
    return {"Compression failed", "ERR_BROTLI_COMPRESSION_FAILED", -1};
  }
  size_t memory() const override { return 1 << 20; }

 private:
  void Destroy() {
    if (state_) BrotliEncoderDestroyInstance(state_);
    if (prepared_) BrotliEncoderDestroyPreparedDictionary(prepared_);
    state_ = nullptr;
    prepared_ = nullptr;
  }
  std::string dictionary_;
  BrotliEncoderState* state_ = nullptr;
  BrotliEncoderPreparedDictionary* prepared_ = nullptr;
  bool ok_ = true;
};

}  // namespace

std::unique_ptr<Codec> NewBrotliEncoder(std::string dictionary) {
  return std::make_unique<Encoder>(std::move(dictionary));
}

}  // namespace kiln::runtime
