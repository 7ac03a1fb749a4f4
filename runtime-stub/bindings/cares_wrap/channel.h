// ChannelWrap of dns.Resolver: a c-ares channel whose sockets the event loop polls. The channel is
// opened on first use, not by the constructor, because a snapshot must not contain the settings in
// resolv.conf. A query keeps its channel alive.
#pragma once

#include <uv.h>

// Node's results come from the older parse functions of c-ares, which are deprecated but supported.
#define CARES_NO_DEPRECATED
#include <ares.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {

// The result of setServers() while queries are in flight: the servers are unchanged. No status of
// c-ares has this number.
constexpr int kSetServersPending = -1000;

extern const ClassEntry kChannelClass;
extern const ClassEntry kQueryReqClass;

// The code of a c-ares status for dns.js, such as "ENOTFOUND" for ARES_ENOTFOUND;
// "UNKNOWN_ARES_ERROR" for a status that Node does not know. Static storage; any thread.
const char* AresErrorCode(int status);

// A ChannelWrap object. The c-ares channel is closed by the destructor, or reopened when
// resolv.conf has to be read again. Queries pin it until their results have been delivered, in
// later turns of the loop. c-ares calls back on the Env's thread only, inside of the functions
// below and of the loop's callbacks.
class Channel final : public AsyncWrap {
 public:
  // (timeout, tries, maxTimeout): the numbers of ares_options, in milliseconds, tries per server,
  // and milliseconds. A timeout of -1 is c-ares' default; a maxTimeout of 0 or less means none.
  Channel(Env& env, const Args& args);
  ~Channel() override;

  // The channel, opened if necessary; null with an exception pending if that failed. Owned by this
  // object, and valid until the next query starts, which may reopen it.
  ares_channel_t* ares();

  // Starts a query for a record type (kType: its number, ares_dns_rec_type_t). Arguments: (request,
  // name). Returns 0. The result goes to `oncomplete` of the request: (code) such as "ENOTFOUND",
  // or (0, records) or (0, records, ttls). Without a free request or a name it throws
  // ERR_INVALID_ARG_TYPE.
  template <int kType>
  void Query(const Args& args) {
    Start(args, kType);
  }
  // (request, address): as a query, whose records are host names. Returns UV_EINVAL, without
  // calling back, if the text is no address.
  void GetHostByAddr(const Args& args);
  // Returns [[address, port], ...].
  void GetServers(const Args& args);
  // ([[4 or 6, address, port], ...]): returns a c-ares status, 0 for success, or
  // kSetServersPending.
  void SetServers(const Args& args);
  // (address, address of the other family or undefined). Throws ERR_INVALID_ARG_VALUE.
  void SetLocalAddress(const Args& args);
  // All queries in flight finish with ECANCELLED.
  void Cancel() {
    if (ares_) ares_cancel(ares_);
  }

  bool has_end() const override { return true; }
  void End() override { Cancel(); }

  // Each query calls both once, the latter with its c-ares status. QueryStarted() pins the channel;
  // the query unpins it when its result has been delivered.
  void QueryStarted();
  void QueryDone(int status);

 private:
  struct Socket;
  void Start(const Args& args, int type);
  // False with an exception pending.
  bool Open();
  // Closes the channel if it has to read resolv.conf again: call ares() after it.
  void EnsureServers();
  // c-ares' sock_state_cb: polls the socket for these directions, or stops if both are false.
  void OnSocketState(ares_socket_t socket, bool read, bool write);
  void StartTimer();
  void CloseTimer();

  int timeout_;
  int tries_;
  int max_timeout_;
  ares_channel_t* ares_ = nullptr;
  uv_timer_t* timer_ = nullptr;
  // Owned by libuv's close callback. The timer runs while there are any.
  std::unordered_map<ares_socket_t, Socket*> sockets_;
  int queries_ = 0;
  // False after ARES_ECONNREFUSED.
  bool last_query_ok_ = true;
  // JavaScript has not set servers, and resolv.conf may be missing.
  bool default_servers_ = true;
};

// The record type of queryAny, and a private number for getHostByAddr.
constexpr int kAnyType = ARES_REC_TYPE_ANY;
constexpr int kReverseType = -1;

// The arguments of `oncomplete` after the status: an array of strings or objects (an object for
// SOA), as nodejs.org/api/dns.html has them, and for A and AAAA an array of TTLs in seconds.
struct Answer {
  v8::Local<v8::Value> records;
  // Empty for other types.
  v8::Local<v8::Value> ttls;
};
// Converts a DNS message (RFC 1035, 4) of the given type to records. Returns a c-ares status
// (records.cc); `out` is set only for ARES_SUCCESS. `type` is a record type or kAnyType. On the
// Env's thread, with a HandleScope open.
int ParseReply(Env& env, int type, const std::string& reply, Answer* out);

}  // namespace kiln::runtime
