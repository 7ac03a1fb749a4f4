// dns.Resolver's ChannelWrap: a c-ares channel driven by the loop. The channel is opened
// on first use, not when the object is made, since reading resolv.conf has no place in a
// snapshot. A query keeps its channel alive.
#pragma once

#include <uv.h>

// Node's results come from c-ares' older parse functions, which stay supported.
#define CARES_NO_DEPRECATED
#include <ares.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {

// setServers() while queries are in flight.
constexpr int kSetServersPending = -1000;

extern const ClassEntry kChannelClass;
extern const ClassEntry kQueryReqClass;

// A c-ares status as dns.js shows it: "ENOTFOUND".
const char* AresErrorCode(int status);

class Channel final : public AsyncWrap {
 public:
  Channel(Env& env, const Args& args);  // (timeout, tries, maxTimeout)
  ~Channel() override;

  // Null with an exception pending when c-ares cannot start.
  ares_channel_t* ares();

  // A query with the record type's number; answers go to the request's oncomplete.
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

// The type number of queryAny's records, and the pseudo type of getHostByAddr.
constexpr int kAnyType = ARES_REC_TYPE_ANY;
constexpr int kReverseType = -1;

// What oncomplete gets after the status.
struct Answer {
  v8::Local<v8::Value> records;
  v8::Local<v8::Value> ttls;  // empty for most types
};
// records.cc: turns a reply of the given type into records. Answers a c-ares status.
int ParseReply(Env& env, int type, const std::string& reply, Answer* out);

}  // namespace kiln::runtime
