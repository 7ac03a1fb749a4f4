#include "runtime-stub/bindings/inspector/websocket.h"

#include <algorithm>

#include "runtime-stub/bindings/inspector/sha1.h"
#include "runtime-stub/platform/simdutf.h"

namespace kiln::runtime::inspector {

namespace {

constexpr uint8_t kFinal = 0x80, kReserved = 0x70, kOpcode = 0x0F, kMasked = 0x80, kLength = 0x7F;
constexpr uint8_t kTwoByteLength = 126, kEightByteLength = 127;

}  // namespace

std::string AcceptKey(std::string_view key) {
  auto digest = Sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::string out(simdutf::base64_length_from_binary(digest.size(), simdutf::base64_default), '\0');
  simdutf::binary_to_base64(reinterpret_cast<const char*>(digest.data()), digest.size(), out.data(),
                            simdutf::base64_default);
  return out;
}

std::string MakeFrame(FrameKind kind, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame += char(kFinal | uint8_t(kind));
  const uint64_t size = payload.size();
  auto put_size = [&](int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) frame += char(size >> shift);
  };
  if (size < kTwoByteLength) {
    frame += char(size);
  } else if (size <= UINT16_MAX) {
    frame += char(kTwoByteLength);
    put_size(2);
  } else {
    frame += char(kEightByteLength);
    put_size(8);
  }
  frame += payload;
  return frame;
}

FrameReader::Event FrameReader::Read(std::string_view& bytes) {
  for (;;) {
    if (state_ == State::kClosed) return Event::kClose;
    if (state_ == State::kFailed) return Event::kError;
    if (state_ == State::kPayload && payload_.size() == length_) return EndFrame();
    if (bytes.empty()) return Event::kMore;
    if (state_ == State::kPayload) {
      size_t take = size_t(std::min<uint64_t>(bytes.size(), length_ - payload_.size()));
      for (char c : bytes.substr(0, take)) payload_ += char(c ^ mask_[payload_.size() % 4]);
      bytes.remove_prefix(take);
      continue;
    }
    const auto byte = uint8_t(bytes[0]);
    bytes.remove_prefix(1);
    switch (state_) {
      case State::kFirstByte: {
        kind_ = FrameKind(byte & kOpcode);
        bool known = kind_ == FrameKind::kText || kind_ == FrameKind::kClose;
        bool whole = (byte & kFinal) && !(byte & kReserved);
        state_ = known && whole ? State::kLengthByte : State::kFailed;
        break;
      }
      case State::kLengthByte:
        length_ = byte & kLength;
        left_ = length_ == kTwoByteLength ? 2 : length_ == kEightByteLength ? 8 : 0;
        if (!(byte & kMasked)) {
          state_ = State::kFailed;
        } else if (left_ > 0) {
          length_ = 0;
          state_ = State::kLongLength;
        } else {
          BeginMask();
        }
        break;
      case State::kLongLength:
        length_ = length_ << 8 | byte;
        if (--left_ == 0) BeginMask();
        break;
      case State::kMask:
        mask_[4 - left_] = byte;
        if (--left_ == 0) state_ = State::kPayload;
        break;
      default:
        state_ = State::kFailed;
    }
  }
}

void FrameReader::BeginMask() {
  left_ = 4;
  payload_.clear();
  state_ = length_ > kLongestMessage ? State::kFailed : State::kMask;
}

FrameReader::Event FrameReader::EndFrame() {
  if (kind_ == FrameKind::kClose) {
    state_ = State::kClosed;
    return Event::kClose;
  }
  state_ = State::kFirstByte;
  return Event::kText;
}

}  // namespace kiln::runtime::inspector
