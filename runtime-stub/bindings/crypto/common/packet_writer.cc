// OpenSSL writes each byte of a TLS record's header by a WPACKET, three functions deep, with checks
// for growing buffers and for writing backwards: 1,300 instructions for a record, of which it
// makes two headers in each direction (the second is authenticated). The linker replaces those
// functions by these, which write into a buffer of fixed size at once and leave all else to OpenSSL's.
// tests/unit/packet_writer_test.cc compares the results of both.
#include <cstddef>
#include <cstdint>

extern "C" {

// OpenSSL 3.5's. WPACKET_init_static_len() sets `fixed` and makes
// `buffer` null.
struct KilnWpacket {
  void* buffer;  // a BUF_MEM, which grows
  unsigned char* fixed;
  size_t position;
  size_t written;
  size_t most;        // the limit of `written`
  void* sub_packets;  // null before WPACKET_init… and after WPACKET_finish()
  unsigned int backwards : 1;
};

int __real_WPACKET_reserve_bytes(KilnWpacket* packet, size_t length, unsigned char** bytes);
int __real_WPACKET_allocate_bytes(KilnWpacket* packet, size_t length, unsigned char** bytes);
int __real_WPACKET_put_bytes__(KilnWpacket* packet, uint64_t value, size_t length);
int __wrap_WPACKET_reserve_bytes(KilnWpacket* packet, size_t length, unsigned char** bytes);
int __wrap_WPACKET_allocate_bytes(KilnWpacket* packet, size_t length, unsigned char** bytes);
int __wrap_WPACKET_put_bytes__(KilnWpacket* packet, uint64_t value, size_t length);
}

namespace {

// Where `length` bytes can be written forwards; null if OpenSSL's function must decide.
unsigned char* Place(const KilnWpacket& packet, size_t length) {
  if (!packet.fixed || packet.buffer || packet.backwards || !packet.sub_packets || length == 0 ||
      packet.most - packet.written < length)
    return nullptr;
  return packet.fixed + packet.position;
}

}  // namespace

int __wrap_WPACKET_reserve_bytes(KilnWpacket* packet, size_t length, unsigned char** bytes) {
  unsigned char* place = Place(*packet, length);
  if (!place) return __real_WPACKET_reserve_bytes(packet, length, bytes);
  if (bytes) *bytes = place;
  return 1;
}

int __wrap_WPACKET_allocate_bytes(KilnWpacket* packet, size_t length, unsigned char** bytes) {
  unsigned char* place = Place(*packet, length);
  if (!place) return __real_WPACKET_allocate_bytes(packet, length, bytes);
  if (bytes) *bytes = place;
  packet->written += length;
  packet->position += length;
  return 1;
}

int __wrap_WPACKET_put_bytes__(KilnWpacket* packet, uint64_t value, size_t length) {
  unsigned char* place =
      length < sizeof(value) && value >> (8 * length) == 0 ? Place(*packet, length) : nullptr;
  if (!place) return __real_WPACKET_put_bytes__(packet, value, length);
  packet->written += length;
  packet->position += length;
  if (length == 1) {
    place[0] = static_cast<unsigned char>(value);
  } else if (length == 2) {
    place[0] = static_cast<unsigned char>(value >> 8);
    place[1] = static_cast<unsigned char>(value);
  } else {
    for (size_t i = length; i-- > 0; value >>= 8) place[i] = static_cast<unsigned char>(value);
  }
  return 1;
}
