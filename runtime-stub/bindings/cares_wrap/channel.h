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

// The result of setServers() while queries are in flight.
constexpr int kSetServersPending = -1000;

extern const ClassEntry kChannelClass;
extern const ClassEntry kQueryReqClass;

// The code of a c-ares status for dns.js, such as "ENOTFOUND".
const char* AresErrorCode(int status);

class Channel final : public AsyncWrap {
 public:
  Channel(Env& env, const Args& args);  // (timeout, tries, maxTimeout)
  ~Channel() override;

  // The channel, opened if necessary; null with an exception pending if that failed.
  ares_channel_t* ares();

  // Starts a query for a record type (kType: its number). The result goes to `oncomplete` of the
  // request.
  template <int kType>
  void Query(const Args& args) {
    Start(args, kType);
  }
  void GetHostByAddr(const Args& args);
  void GetServers(const Args& args);
  void SetServers(const Args& args);
  void SetLocalAddress(const Args& args);
  void Cancel() {
    if (ares_) ares_cancel(ares_);
  }

  void QueryStarted();
  void QueryDone(int status);

 private:
  struct Socket;
  void Start(const Args& args, int type);
  bool Open();
  void EnsureServers();
  void OnSocketState(ares_socket_t socket, bool read, bool write);
  void StartTimer();
  void CloseTimer();

  int timeout_;
  int tries_;
  int max_timeout_;
  ares_channel_t* ares_ = nullptr;
  uv_timer_t* timer_ = nullptr;
  std::unordered_map<ares_socket_t, Socket*> sockets_;
  int queries_ = 0;
  bool last_query_ok_ = true;
  bool default_servers_ = true;
};

// The record type of queryAny, and a private number for getHostByAddr.
constexpr int kAnyType = ARES_REC_TYPE_ANY;
constexpr int kReverseType = -1;

// The arguments of `oncomplete` after the status.
struct Answer {
  v8::Local<v8::Value> records;
  v8::Local<v8::Value> ttls;  // empty for most types
};
// Converts a DNS reply of the given type to records. Returns a c-ares status (records.cc).
int ParseReply(Env& env, int type, const std::string& reply, Answer* out);

}  // namespace kiln::runtime
