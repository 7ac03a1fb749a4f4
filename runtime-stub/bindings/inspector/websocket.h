// The WebSocket protocol (RFC 6455) as far as Node's inspector speaks it: a client sends text in frames
// that are final and masked. Any other frame ends the connection. These are pure functions of bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::runtime::inspector {

// The value of Sec-WebSocket-Accept for that of Sec-WebSocket-Key.
std::string AcceptKey(std::string_view key);

// A frame with the text. Of 0 bytes and kClose it ends the connection.
enum class FrameKind : uint8_t { kText = 1, kClose = 8 };
std::string MakeFrame(FrameKind kind, std::string_view payload);

// Reads frames from bytes that come in pieces.
class FrameReader {
 public:
  enum class Event {
    kMore,   // the bytes so far are used up
    kText,   // payload() is a message
    kClose,  // the client closes the connection
    kError   // the client does not speak the protocol, or a message is too long
  };

  // The longest message that a client may send: memory is only limited by it.
  static constexpr uint64_t kLongestMessage = 256 << 20;

  // Takes bytes from the front of `bytes` until there is an event. After kClose and kError the reader
  // stays there.
  Event Read(std::string_view& bytes);
  // Of the last kText; the caller may move it.
  std::string& payload() { return payload_; }

 private:
  enum class State { kFirstByte, kLengthByte, kLongLength, kMask, kPayload, kClosed, kFailed };

  void BeginMask();
  Event EndFrame();

  State state_ = State::kFirstByte;
  FrameKind kind_ = FrameKind::kText;
  int left_ = 0;         // bytes of the long length or the mask that are still to come
  uint64_t length_ = 0;  // of the payload
  uint8_t mask_[4] = {};
  std::string payload_;
};

}  // namespace kiln::runtime::inspector
