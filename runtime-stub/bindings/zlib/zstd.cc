// Zstandard, both ways.
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "runtime-stub/bindings/zlib/codec.h"

namespace kiln {
namespace {

const char* CodeName(ZSTD_ErrorCode error) {
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

class Zstd : public Codec {
 public:
  CodecError Error() const override {
    if (error_ == ZSTD_error_no_error) return {};
    return {ZSTD_getErrorString(error_), CodeName(error_), int(error_)};
  }
  size_t memory() const override { return 1 << 20; }

 protected:
  void Note(size_t result) {
    if (ZSTD_isError(result)) error_ = ZSTD_getErrorCode(result);
  }
  static CodecError InitFailure(const char* text) {
    return {text, "ERR_ZLIB_INITIALIZATION_FAILED", -1};
  }
  static CodecError DictionaryFailure() {
    return {"Failed to load zstd dictionary", "ERR_ZLIB_DICTIONARY_LOAD_FAILED", -1};
  }
  static CodecError ParameterFailure() {
    return {"Setting parameter failed", "ERR_ZSTD_PARAM_SET_FAILED", -1};
  }
  // Runs f(&output, &input) on the buffers.
  template <class F>
  void Step(F f) {
    ZSTD_inBuffer input = {in_, in_left_, 0};
    ZSTD_outBuffer output = {out_, out_left_, 0};
    Note(f(&output, &input));
    in_left_ = input.size - input.pos;
    out_left_ = output.size - output.pos;
  }
  ZSTD_ErrorCode error_ = ZSTD_error_no_error;
};

class Compressor final : public Zstd {
 public:
  Compressor(uint64_t pledged_size, std::string dictionary)
      : pledged_size_(pledged_size), dictionary_(std::move(dictionary)) {}
  ~Compressor() override { ZSTD_freeCCtx(context_); }

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
    // A frame without a body does not make the library compare.
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

class Decompressor final : public Zstd {
 public:
  explicit Decompressor(std::string dictionary) : dictionary_(std::move(dictionary)) {}
  ~Decompressor() override { ZSTD_freeDCtx(context_); }

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
    // It wants more of a frame, and not because the output is full.
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

std::unique_ptr<Codec> NewZstdCodec(ZlibMode mode, uint64_t pledged_size, std::string dictionary,
                                    CodecError* error) {
  std::unique_ptr<Codec> codec;
  if (mode == ZlibMode::kZstdCompress)
    codec = std::make_unique<Compressor>(pledged_size, std::move(dictionary));
  else
    codec = std::make_unique<Decompressor>(std::move(dictionary));
  *error = codec->Reset();
  return *error ? nullptr : std::move(codec);
}

}  // namespace kiln
