// The common part of compressing and decompressing with Zstandard.
#pragma once

#include <zstd.h>
#include <zstd_errors.h>

#include "runtime-stub/bindings/zlib/codec.h"

namespace kiln::runtime {

// Returns the name of the enumerator, which JavaScript sees as the error's code. Static storage.
const char* ZstdErrorName(ZSTD_ErrorCode error);

// The base class of encoder and decoder. error_ keeps the first failure of the library until
// Reset(); both must set it to ZSTD_error_no_error there.
class Zstd : public Codec {
 public:
  CodecError Error() const override {
    if (error_ == ZSTD_error_no_error) return {};
    return {ZSTD_getErrorString(error_), ZstdErrorName(error_), int(error_)};
  }
  // A constant: the library does not report how much it uses.
  size_t memory() const override { return 1 << 20; }

 protected:
  // Stores the error if `result`, of any function of the library, is one (ZSTD_isError()).
  void Note(size_t result) {
    if (ZSTD_isError(result)) error_ = ZSTD_getErrorCode(result);
  }
  // The errors of Reset() and SetParameter(), with the codes that Node gives them.
  static CodecError InitFailure(const char* text) {
    return {text, "ERR_ZLIB_INITIALIZATION_FAILED", -1};
  }
  static CodecError DictionaryFailure() {
    return {"Failed to load zstd dictionary", "ERR_ZLIB_DICTIONARY_LOAD_FAILED", -1};
  }
  static CodecError ParameterFailure() {
    return {"Setting parameter failed", "ERR_ZSTD_PARAM_SET_FAILED", -1};
  }
  // Runs f(&output, &input) on the buffers, updates what is left of them, and notes f's result.
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

}  // namespace kiln::runtime
