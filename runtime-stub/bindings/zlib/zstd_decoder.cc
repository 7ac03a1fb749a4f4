// Decompression with Zstandard, which every executable contains, and the names of errors.
#include <zlib.h>

#include "runtime-stub/bindings/zlib/zstd.h"

namespace kiln::runtime {
namespace {

class Decoder final : public Zstd {
 public:
  explicit Decoder(std::string dictionary) : dictionary_(std::move(dictionary)) {}
  ~Decoder() override { ZSTD_freeDCtx(context_); }

  CodecError Reset() override {
    ZSTD_freeDCtx(context_);
    context_ = ZSTD_createDCtx();
    error_ = ZSTD_error_no_error;
    wanted_ = 0;
    frame_done_ = false;
    if (!context_) return InitFailure("Could not initialize zstd instance");
    if (!dictionary_.empty() &&
        ZSTD_isError(ZSTD_DCtx_loadDictionary(context_, dictionary_.data(), dictionary_.size())))
      return DictionaryFailure();
    return {};
  }
  CodecError SetParameter(int key, uint32_t value) override {
    if (ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_dParameter(key), int(value))))
      return ParameterFailure();
    return {};
  }
  void Work() override {
    if (in_left_ == 0 && frame_done_) return;  // not the start of another frame
    Step([this](ZSTD_outBuffer* out, ZSTD_inBuffer* in) {
      return wanted_ = ZSTD_decompressStream(context_, out, in);
    });
    frame_done_ = wanted_ == 0;
  }
  CodecError Error() const override {
    if (CodecError error = Zstd::Error()) return error;
    // The frame is incomplete, and not because the output is full.
    if (flush_ == ZSTD_e_end && wanted_ != 0 && out_left_ != 0)
      return {"unexpected end of file", "Z_BUF_ERROR", Z_BUF_ERROR};
    return {};
  }

 private:
  size_t wanted_ = 0;
  bool frame_done_ = false;
  std::string dictionary_;
  ZSTD_DCtx* context_ = nullptr;
};

}  // namespace

const char* ZstdErrorName(ZSTD_ErrorCode error) {
  switch (error) {
#define KILN_NAME(name) \
  case name:            \
    return #name;
    KILN_NAME(ZSTD_error_no_error)
    KILN_NAME(ZSTD_error_GENERIC)
    KILN_NAME(ZSTD_error_prefix_unknown)
    KILN_NAME(ZSTD_error_version_unsupported)
    KILN_NAME(ZSTD_error_frameParameter_unsupported)
    KILN_NAME(ZSTD_error_frameParameter_windowTooLarge)
    KILN_NAME(ZSTD_error_corruption_detected)
    KILN_NAME(ZSTD_error_checksum_wrong)
    KILN_NAME(ZSTD_error_literals_headerWrong)
    KILN_NAME(ZSTD_error_dictionary_corrupted)
    KILN_NAME(ZSTD_error_dictionary_wrong)
    KILN_NAME(ZSTD_error_dictionaryCreation_failed)
    KILN_NAME(ZSTD_error_parameter_unsupported)
    KILN_NAME(ZSTD_error_parameter_combination_unsupported)
    KILN_NAME(ZSTD_error_parameter_outOfBound)
    KILN_NAME(ZSTD_error_tableLog_tooLarge)
    KILN_NAME(ZSTD_error_maxSymbolValue_tooLarge)
    KILN_NAME(ZSTD_error_maxSymbolValue_tooSmall)
    KILN_NAME(ZSTD_error_stabilityCondition_notRespected)
    KILN_NAME(ZSTD_error_stage_wrong)
    KILN_NAME(ZSTD_error_init_missing)
    KILN_NAME(ZSTD_error_memory_allocation)
    KILN_NAME(ZSTD_error_workSpace_tooSmall)
    KILN_NAME(ZSTD_error_dstSize_tooSmall)
    KILN_NAME(ZSTD_error_srcSize_wrong)
    KILN_NAME(ZSTD_error_dstBuffer_null)
    KILN_NAME(ZSTD_error_noForwardProgress_destFull)
    KILN_NAME(ZSTD_error_noForwardProgress_inputEmpty)
#undef KILN_NAME
    default:
      return "ZSTD_error_GENERIC";
  }
}

std::unique_ptr<Codec> NewZstdDecoder(std::string dictionary) {
  return std::make_unique<Decoder>(std::move(dictionary));
}

}  // namespace kiln::runtime
