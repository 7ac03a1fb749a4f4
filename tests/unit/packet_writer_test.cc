// The functions that replace OpenSSL's must leave the same bytes and the same packet. Both are called on
// packets that OpenSSL has made, so a changed layout shows, too.
#include <gtest/gtest.h>
#include <openssl/buffer.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

extern "C" {
int WPACKET_init_static_len(void* packet, unsigned char* buffer, size_t length, size_t prefix);
int WPACKET_init_len(void* packet, BUF_MEM* buffer, size_t prefix);
int WPACKET_init_null(void* packet, size_t prefix);
int WPACKET_init_der(void* packet, unsigned char* buffer, size_t length);
int WPACKET_start_sub_packet_len__(void* packet, size_t prefix);
int WPACKET_close(void* packet);
int WPACKET_finish(void* packet);
void WPACKET_cleanup(void* packet);
int WPACKET_get_total_written(void* packet, size_t* written);
int __real_WPACKET_reserve_bytes(void* packet, size_t length, unsigned char** bytes);
int __real_WPACKET_allocate_bytes(void* packet, size_t length, unsigned char** bytes);
int __real_WPACKET_put_bytes__(void* packet, uint64_t value, size_t length);
int __wrap_WPACKET_reserve_bytes(void* packet, size_t length, unsigned char** bytes);
int __wrap_WPACKET_allocate_bytes(void* packet, size_t length, unsigned char** bytes);
int __wrap_WPACKET_put_bytes__(void* packet, uint64_t value, size_t length);
}

namespace {

constexpr size_t kCapacity = 24;

// A packet of OpenSSL with the memory that it writes to.
struct Packet {
  alignas(8) unsigned char state[256] = {};  // larger than a WPACKET
  unsigned char bytes[kCapacity] = {};
  BUF_MEM* growing = nullptr;
  ~Packet() {
    WPACKET_cleanup(state);
    BUF_MEM_free(growing);
  }
};

enum class Kind { kFixed, kGrowing, kNothing, kBackwards };

void Begin(Packet& packet, Kind kind, size_t prefix) {
  switch (kind) {
    case Kind::kFixed:
      ASSERT_EQ(WPACKET_init_static_len(packet.state, packet.bytes, kCapacity, prefix), 1);
      break;
    case Kind::kGrowing:
      packet.growing = BUF_MEM_new();
      ASSERT_EQ(WPACKET_init_len(packet.state, packet.growing, prefix), 1);
      break;
    case Kind::kNothing:
      ASSERT_EQ(WPACKET_init_null(packet.state, prefix), 1);
      break;
    case Kind::kBackwards:
      ASSERT_EQ(WPACKET_init_der(packet.state, packet.bytes, kCapacity), 1);
      break;
  }
}

// Each operation's result, and how much was written after it.
template <class Reserve, class Allocate, class Put>
std::string Write(Packet& packet, Reserve reserve, Allocate allocate, Put put) {
  std::string log;
  auto note = [&](int result) {
    size_t written = 0;
    WPACKET_get_total_written(packet.state, &written);
    log += std::to_string(result) + ":" + std::to_string(written) + " ";
  };
  // Where a pointer leads, relative to the packet's own memory.
  auto note_place = [&](int result, unsigned char* at) {
    const auto* base =
        packet.growing ? reinterpret_cast<unsigned char*>(packet.growing->data) : packet.bytes;
    log += at ? "at " + std::to_string(at - base) + " " : "nowhere ";
    note(result);
  };
  note(put(packet.state, 0x17, 1));
  note(put(packet.state, 0x0303, 2));
  note(put(packet.state, 0x1234, 1));  // does not fit
  note(put(packet.state, 0, 0));
  note(WPACKET_start_sub_packet_len__(packet.state, 2));
  note(put(packet.state, 0x123456, 3));
  unsigned char* place = nullptr;
  int result = reserve(packet.state, 4, &place);
  note_place(result, place);
  note(reserve(packet.state, 4, nullptr));
  place = nullptr;
  result = allocate(packet.state, 4, &place);
  if (result == 1 && place) std::memcpy(place, "text", 4);
  note_place(result, place);
  note(WPACKET_close(packet.state));
  note(put(packet.state, 0x0102030405060708, 8));
  note(put(packet.state, 1, 4));  // more than a packet of fixed size has
  note(allocate(packet.state, 100, nullptr));
  note(WPACKET_finish(packet.state));
  log.append(packet.bytes, packet.bytes + kCapacity);
  if (packet.growing) log.append(packet.growing->data, packet.growing->length);
  return log;
}

TEST(PacketWriter, WritesWhatOpenSslWrites) {
  for (Kind kind : {Kind::kFixed, Kind::kGrowing, Kind::kNothing, Kind::kBackwards}) {
    for (size_t prefix : {0, 2}) {
      Packet ours, theirs;
      Begin(ours, kind, prefix);
      Begin(theirs, kind, prefix);
      EXPECT_EQ(Write(ours, __wrap_WPACKET_reserve_bytes, __wrap_WPACKET_allocate_bytes,
                      __wrap_WPACKET_put_bytes__),
                Write(theirs, __real_WPACKET_reserve_bytes, __real_WPACKET_allocate_bytes,
                      __real_WPACKET_put_bytes__));
    }
  }
}

TEST(PacketWriter, WritesIntoMemoryOfFixedSize) {
  Packet packet;
  Begin(packet, Kind::kFixed, 0);
  EXPECT_EQ(__wrap_WPACKET_put_bytes__(packet.state, 0x1703, 2), 1);
  EXPECT_EQ(packet.bytes[0], 0x17);
  EXPECT_EQ(packet.bytes[1], 0x03);
}

}  // namespace
