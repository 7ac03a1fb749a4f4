// internalBinding("block_list"): net.SocketAddress and net.BlockList. Addresses are compared as 16
// bytes: an IPv4 address counts as its IPv4-mapped IPv6 address, so a rule for one form applies to
// the other. An object and its clones in other threads share their data, which a mutex guards.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime-stub/binding/serialize.h"
#include "runtime-stub/bindings/net/address.h"

namespace kiln::runtime {
namespace {

// Sends shared data to another thread, where a new C refers to it.
template <class C, class Data>
class Shared final : public TransferData {
 public:
  explicit Shared(std::shared_ptr<Data> data) : data_(std::move(data)) {}
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context>) override {
    return NewWrapped<C>(env, C::kClass, data_)->object();
  }

 private:
  std::shared_ptr<Data> data_;
};

constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// An address in the form that rules compare.
struct Ip {
  int family = AF_INET;
  uint8_t bytes[16] = {};

  static bool Parse(int family, const char* text, Ip* out) {
    out->family = family;
    if (family != AF_INET) return uv_inet_pton(AF_INET6, text, out->bytes) == 0;
    std::memcpy(out->bytes, kMappedPrefix, sizeof kMappedPrefix);
    return uv_inet_pton(AF_INET, text, out->bytes + 12) == 0;
  }
  bool is_ipv4() const { return std::memcmp(bytes, kMappedPrefix, sizeof kMappedPrefix) == 0; }
  bool operator==(const Ip& other) const { return std::memcmp(bytes, other.bytes, 16) == 0; }

  // There is no order between an IPv4 address and an IPv6 address that is not IPv4-mapped.
  bool ComparableTo(const Ip& other) const {
    return family == other.family || (is_ipv4() && other.is_ipv4());
  }
  int Compare(const Ip& other) const { return std::memcmp(bytes, other.bytes, 16); }

  bool InNetwork(const Ip& network, int prefix) const {
    if (network.family == AF_INET) prefix += 96;
    int whole = prefix / 8, rest = prefix % 8;
    if (std::memcmp(bytes, network.bytes, size_t(whole)) != 0) return false;
    if (rest == 0) return true;
    uint8_t mask = uint8_t(0xff << (8 - rest));
    return (bytes[whole] & mask) == (network.bytes[whole] & mask);
  }

  std::string Text() const {
    char text[INET6_ADDRSTRLEN];
    uv_inet_ntop(family, family == AF_INET ? bytes + 12 : bytes, text, sizeof text);
    return text;
  }
  const char* ComponentName() const { return family == AF_INET ? "IPv4 " : "IPv6 "; }
  std::string Key() const { return std::string(reinterpret_cast<const char*>(bytes), 16); }
};

class Rules {
 public:
  void AddAddress(const Ip& ip) {
    std::lock_guard lock(mutex_);
    if (!known_.insert(ip.Key()).second) return;
    (ip.is_ipv4() ? ipv4_ : ipv6_).push_back(ip);
  }
  void RemoveAddress(const Ip& ip) {
    std::lock_guard lock(mutex_);
    if (known_.erase(ip.Key()) == 0) return;
    std::erase(ip.is_ipv4() ? ipv4_ : ipv6_, ip);
  }
  void AddRange(const Ip& first, const Ip& last) {
    std::lock_guard lock(mutex_);
    ranges_.push_back({first, last});
  }
  void RemoveRange(const Ip& first, const Ip& last) {
    std::lock_guard lock(mutex_);
    RemoveLast(ranges_, [&](const Range& r) { return r.first == first && r.last == last; });
  }
  void AddSubnet(const Ip& network, int prefix) {
    std::lock_guard lock(mutex_);
    subnets_.push_back({network, prefix});
  }
  void RemoveSubnet(const Ip& network, int prefix) {
    std::lock_guard lock(mutex_);
    RemoveLast(subnets_,
               [&](const Subnet& s) { return s.network == network && s.prefix == prefix; });
  }
  void Clear() {
    std::lock_guard lock(mutex_);
    known_.clear();
    ipv4_.clear();
    ipv6_.clear();
    subnets_.clear();
    ranges_.clear();
  }

  bool Matches(const Ip& ip) {
    std::lock_guard lock(mutex_);
    if (!known_.empty() && known_.contains(ip.Key())) return true;
    for (const Subnet& s : subnets_)
      if (ip.InNetwork(s.network, s.prefix)) return true;
    for (const Range& r : ranges_)
      if (ip.ComparableTo(r.first) && ip.Compare(r.first) >= 0 &&
          (!ip.ComparableTo(r.last) || ip.Compare(r.last) <= 0))
        return true;
    return false;
  }

  size_t size() {
    std::lock_guard lock(mutex_);
    return ipv4_.size() + ipv6_.size() + subnets_.size() + ranges_.size();
  }

  // In the order in which Node prints them: addresses, subnets, ranges, each newest first.
  std::vector<std::string> List() {
    std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    auto newest_first = [&](const auto& list, auto print) {
      for (auto it = list.rbegin(); it != list.rend(); ++it) out.push_back(print(*it));
    };
    auto address = [](const Ip& ip) { return "Address: " + (ip.ComponentName() + ip.Text()); };
    newest_first(ipv4_, address);
    newest_first(ipv6_, address);
    newest_first(subnets_, [](const Subnet& s) {
      return "Subnet: " + (s.network.ComponentName() + s.network.Text()) + "/" +
             std::to_string(s.prefix);
    });
    newest_first(ranges_, [](const Range& r) {
      return "Range: " + (r.first.ComponentName() + r.first.Text()) + "-" + r.last.Text();
    });
    return out;
  }

 private:
  struct Range {
    Ip first, last;
  };
  struct Subnet {
    Ip network;
    int prefix;
  };
  template <class T, class P>
  static void RemoveLast(std::vector<T>& list, P matches) {
    auto it = std::find_if(list.rbegin(), list.rend(), matches);
    if (it != list.rend()) list.erase(std::next(it).base());
  }

  std::mutex mutex_;
  std::unordered_set<std::string> known_;
  std::vector<Ip> ipv4_, ipv6_;
  std::vector<Subnet> subnets_;
  std::vector<Range> ranges_;
};

// ---------------------------------------------------------------- SocketAddress

class SocketAddress final : public Wrapped, public Transferable {
 public:
  static const ClassEntry kClass;
  struct Data {
    sockaddr_storage storage = {};
    Ip ip;
    uint32_t flow_label = 0;
  };

  SocketAddress(Env& env, std::shared_ptr<const Data> data)
      : Wrapped(env), data_(std::move(data)) {}

  const Ip& ip() const { return data_->ip; }
  const char* type_name() const override { return "SocketAddress"; }
  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override {
    return std::make_unique<Shared<SocketAddress, const Data>>(data_);
  }

  // Sets the properties of the given object, which JavaScript created, and returns it.
  v8::Local<v8::Object> Detail(v8::Local<v8::Object> out) {
    Env& e = env();
    e.Set(out, "address", e.Str(ip().Text()));
    e.Set(out, "port", double(port()));
    e.Set(out, "family", double(ip().family));
    e.Set(out, "flowlabel", double(data_->flow_label));
    return out;
  }
  // The object that socket.address() returns.
  v8::Local<v8::Object> LegacyDetail() { return AddressToJs(env(), AsSockaddr(data_->storage)); }
  uint32_t FlowLabel() { return data_->flow_label; }

 private:
  int port() const {
    // The port has the same offset in both families.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&data_->storage)->sin_port);
  }
  std::shared_ptr<const Data> data_;
};

// new SocketAddress(address, port, family, flowlabel)
void ConstructSocketAddress(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  args.This()->SetAlignedPointerInInternalField(0, nullptr);
  auto data = std::make_shared<SocketAddress::Data>();
  std::string text = args[0]->IsString() ? ToUtf8(env.isolate, args[0]) : "";
  int family = ToInt32(env, args[2]) == AF_INET6 ? AF_INET6 : AF_INET;
  if (!Ip::Parse(family, text.c_str(), &data->ip) ||
      ParseAddress(family, text, uint32_t(ToInt32(env, args[1])), &data->storage) != 0)
    return Error::Plain("ERR_INVALID_ADDRESS", "Invalid socket address").Throw(env);
  if (family == AF_INET6) {
    data->flow_label = uint32_t(ToInt32(env, args[3]));
    reinterpret_cast<sockaddr_in6*>(&data->storage)->sin6_flowinfo = data->flow_label;
  }
  (new SocketAddress(env, std::move(data)))->Attach(args.This());
}

constexpr Entry kSocketAddressMethods[] = {
    Method<&SocketAddress::Detail>("detail"),
    Method<&SocketAddress::LegacyDetail>("legacyDetail"),
    Method<&SocketAddress::FlowLabel>("flowlabel"),
};
const ClassEntry SocketAddress::kClass = {
    .name = "SocketAddress", .construct = ConstructSocketAddress, .methods = kSocketAddressMethods};

// ---------------------------------------------------------------- BlockList

class BlockList final : public Wrapped, public Transferable {
 public:
  static const ClassEntry kClass;
  BlockList(Env& env, const Args&) : BlockList(env, std::make_shared<Rules>()) {}
  BlockList(Env& env, std::shared_ptr<Rules> rules) : Wrapped(env), rules_(std::move(rules)) {}

  const char* type_name() const override { return "BlockList"; }
  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override {
    return std::make_unique<Shared<BlockList, Rules>>(rules_);
  }

  void AddAddress(const Args& args) {
    const Ip* ip = Address(args, 0);
    if (!ip) return;
    rules_->AddAddress(*ip);
    args.GetReturnValue().Set(true);
  }
  void AddAddresses(const Args& args);
  void RemoveAddress(const Args& args) {
    if (const Ip* ip = Address(args, 0)) rules_->RemoveAddress(*ip);
  }
  // Returns false if the end of the range is before its start.
  void AddRange(const Args& args) {
    const Ip* first = Address(args, 0);
    const Ip* last = first ? Address(args, 1) : nullptr;
    if (!last) return;
    bool ok = !first->ComparableTo(*last) || first->Compare(*last) <= 0;
    if (ok) rules_->AddRange(*first, *last);
    args.GetReturnValue().Set(ok);
  }
  void RemoveRange(const Args& args) {
    const Ip* first = Address(args, 0);
    const Ip* last = first ? Address(args, 1) : nullptr;
    if (last) rules_->RemoveRange(*first, *last);
  }
  void AddSubnet(const Args& args) {
    const Ip* network = Address(args, 0);
    if (!network) return;
    rules_->AddSubnet(*network, Prefix(*network, args[1]));
    args.GetReturnValue().Set(true);
  }
  void RemoveSubnet(const Args& args) {
    if (const Ip* network = Address(args, 0))
      rules_->RemoveSubnet(*network, Prefix(*network, args[1]));
  }
  void Check(const Args& args) {
    if (const Ip* ip = Address(args, 0)) args.GetReturnValue().Set(rules_->Matches(*ip));
  }
  bool CheckString(std::string text, int32_t family) {
    Ip ip;
    return Ip::Parse(family == AF_INET6 ? AF_INET6 : AF_INET, text.c_str(), &ip) &&
           rules_->Matches(ip);
  }
  v8::Local<v8::Array> GetRules() {
    std::vector<v8::Local<v8::Value>> out;
    for (const std::string& rule : rules_->List()) out.push_back(env().Str(rule));
    return v8::Array::New(env().isolate, out.data(), out.size());
  }
  double GetSize() { return double(rules_->size()); }
  void Clear() { rules_->Clear(); }

 private:
  // The address in an argument; null with an exception pending if it is not a SocketAddress.
  const Ip* Address(const Args& args, int index) {
    auto* address = UnwrapArgument<SocketAddress>(env(), SocketAddress::kClass, args[index]);
    if (address) return &address->ip();
    ThrowBadArgument(env(), index);
    return nullptr;
  }
  int Prefix(const Ip& network, v8::Local<v8::Value> value) {
    return std::clamp(ToInt32(env(), value), 0, network.family == AF_INET ? 32 : 128);
  }
  std::shared_ptr<Rules> rules_;
};

void BlockList::AddAddresses(const Args& args) {
  if (!args[0]->IsArray()) return ThrowBadArgument(env(), 0);
  auto array = args[0].As<v8::Array>();
  std::vector<Ip> list;  // copied first, so that a bad element changes nothing
  for (uint32_t i = 0; i < array->Length(); i++) {
    v8::Local<v8::Value> item;
    if (!array->Get(env().context(), i).ToLocal(&item)) return;
    auto* address = UnwrapArgument<SocketAddress>(env(), SocketAddress::kClass, item);
    if (!address) return ThrowBadArgument(env(), 0);
    list.push_back(address->ip());
  }
  for (const Ip& ip : list) rules_->AddAddress(ip);
  args.GetReturnValue().Set(true);
}

constexpr Entry kBlockListMethods[] = {
    Method<&BlockList::AddAddress>("addAddress"),
    Method<&BlockList::AddAddresses>("addAddresses"),
    Method<&BlockList::AddRange>("addRange"),
    Method<&BlockList::AddSubnet>("addSubnet"),
    Method<&BlockList::RemoveAddress>("removeAddress"),
    Method<&BlockList::RemoveRange>("removeRange"),
    Method<&BlockList::RemoveSubnet>("removeSubnet"),
    Method<&BlockList::Check>("check"),
    Method<&BlockList::CheckString>("checkString"),
    Method<&BlockList::GetRules>("getRules"),
    Method<&BlockList::GetSize>("getSize"),
    Method<&BlockList::Clear>("clear"),
};
const ClassEntry BlockList::kClass = {
    .name = "BlockList", .construct = Construct<BlockList>, .methods = kBlockListMethods};

const ClassEntry* const kClasses[] = {&BlockList::kClass, &SocketAddress::kClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  SetConstant(env, exports, "AF_INET", AF_INET);
  SetConstant(env, exports, "AF_INET6", AF_INET6);
}

}  // namespace

extern const Binding kBlockListBinding;
const Binding kBlockListBinding = {.name = "block_list", .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
