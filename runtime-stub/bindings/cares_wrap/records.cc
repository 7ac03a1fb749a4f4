// Converts DNS replies to JavaScript values. Addresses and names come from c-ares' parse functions,
// which follow aliases and compute TTLs; other records are read from the parsed message. The order
// of properties, and of record types in the result of queryAny(), is Node's.
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <memory>

#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/bindings/cares_wrap/channel.h"

namespace kiln::runtime {
namespace {

struct HostDeleter {
  void operator()(hostent* host) const { ares_free_hostent(host); }
};
using Host = std::unique_ptr<hostent, HostDeleter>;
struct RecordDeleter {
  void operator()(ares_dns_record_t* record) const { ares_dns_record_destroy(record); }
};
using Message = std::unique_ptr<ares_dns_record_t, RecordDeleter>;
struct DataDeleter {
  void operator()(void* data) const { ares_free_data(data); }
};

class Reader {
 public:
  Reader(Env& env, const std::string& reply) : env_(env), reply_(reply) {}

  // Each of these adds the records that it finds to `records_` and returns a c-ares status. In the
  // result of queryAny() every record has a `type`; MX, SRV and CAA records always have one.
  int Read(int type);
  int ReadAny();

  Answer answer() {
    Answer out;
    out.records = single_.IsEmpty() ? List() : single_;
    if (has_ttls_) out.ttls = v8::Array::New(env_.isolate, ttls_.data(), ttls_.size());
    return out;
  }

 private:
  // An empty element becomes a hole.
  v8::Local<v8::Value> List() {
    v8::Local<v8::Array> list = v8::Array::New(env_.isolate, int(records_.size()));
    for (size_t i = 0; i < records_.size(); i++)
      if (!records_[i].IsEmpty()) (void)list->Set(env_.context(), uint32_t(i), records_[i]);
    return list;
  }
  const unsigned char* data() const {
    return reinterpret_cast<const unsigned char*>(reply_.data());
  }
  int size() const { return int(reply_.size()); }
  v8::Local<v8::Value> Latin1(const char* text) {
    return Latin1String(env_, text ? text : "").FromMaybe(v8::String::Empty(env_.isolate));
  }
  v8::Local<v8::Value> Number(double n) { return v8::Number::New(env_.isolate, n); }
  v8::Local<v8::Object> NewRecord() { return v8::Object::New(env_.isolate); }
  // Adds a value, or { KEY: value, type } in the result of queryAny().
  void AddValue(const char* key, v8::Local<v8::Value> value, const char* type) {
    if (!any_) return records_.push_back(value);
    v8::Local<v8::Object> record = NewRecord();
    env_.Set(record, key, value);
    env_.Set(record, "type", env_.Name(type));
    records_.push_back(record);
  }
  void SetType(v8::Local<v8::Object> record, const char* type) {
    env_.Set(record, "type", env_.Name(type));
  }

  int ReadAddresses(int type);
  int ReadCname();
  int ReadNames(int type);
  int ReadOthers(int type);
  void AddOther(int type, const ares_dns_rr_t* rr, size_t index);

  Env& env_;
  const std::string& reply_;
  bool any_ = false;
  bool has_ttls_ = false;
  std::vector<v8::Local<v8::Value>> records_;
  std::vector<v8::Local<v8::Value>> ttls_;
  v8::Local<v8::Value> single_;  // the result is one record instead of a list (SOA)
  size_t offset_ = 0;            // index in `records_` of the first record of the current type
  Message message_;
};

int Reader::ReadAddresses(int type) {
  hostent* raw = nullptr;
  bool ipv4 = type == ARES_REC_TYPE_A;
  // The header contains the number of records in the answer section.
  int count = size() >= 8 ? data()[6] << 8 | data()[7] : 0;
  std::vector<ares_addrttl> ttl4(ipv4 ? size_t(count) + 1 : 0);
  std::vector<ares_addr6ttl> ttl6(ipv4 ? 0 : size_t(count) + 1);
  count++;
  int status = ipv4 ? ares_parse_a_reply(data(), size(), &raw, ttl4.data(), &count)
                    : ares_parse_aaaa_reply(data(), size(), &raw, ttl6.data(), &count);
  Host host(raw);
  if (status != ARES_SUCCESS) return status;
  for (int i = 0; host->h_addr_list[i]; i++) {
    char ip[INET6_ADDRSTRLEN];
    uv_inet_ntop(host->h_addrtype, host->h_addr_list[i], ip, sizeof ip);
    double ttl = 0;
    if (i < count) ttl = double(ipv4 ? ttl4[size_t(i)].ttl : ttl6[size_t(i)].ttl);
    if (any_) {
      v8::Local<v8::Object> record = NewRecord();
      env_.Set(record, "address", Latin1(ip));
      env_.Set(record, "ttl", ttl);
      env_.Set(record, "type", env_.Name(ipv4 ? "A" : "AAAA"));
      records_.push_back(record);
    } else {
      records_.push_back(Latin1(ip));
      ttls_.push_back(Number(ttl));
    }
  }
  has_ttls_ = !any_;
  return ARES_SUCCESS;
}

// The name at the end of the chain of aliases.
int Reader::ReadCname() {
  hostent* raw = nullptr;
  int status = ares_parse_a_reply(data(), size(), &raw, nullptr, nullptr);
  Host host(raw);
  if (status != ARES_SUCCESS) return status;
  AddValue("value", Latin1(host->h_name), "CNAME");
  return ARES_SUCCESS;
}

int Reader::ReadNames(int type) {
  hostent* raw = nullptr;
  int status = type == ARES_REC_TYPE_NS
                   ? ares_parse_ns_reply(data(), size(), &raw)
                   : ares_parse_ptr_reply(data(), size(), nullptr, 0, AF_INET, &raw);
  Host host(raw);
  if (status != ARES_SUCCESS) return status;
  for (char** name = host->h_aliases; *name; name++)
    AddValue("value", Latin1(*name), type == ARES_REC_TYPE_NS ? "NS" : "PTR");
  return ARES_SUCCESS;
}

// `index` is the position in the answer section.
void Reader::AddOther(int type, const ares_dns_rr_t* rr, size_t index) {
  v8::Local<v8::Object> record = NewRecord();
  auto text = [&](const char* name, ares_dns_rr_key_t key) {
    env_.Set(record, name, Latin1(ares_dns_rr_get_str(rr, key)));
  };
  auto u8 = [&](const char* name, ares_dns_rr_key_t key) {
    env_.Set(record, name, double(ares_dns_rr_get_u8(rr, key)));
  };
  auto u16 = [&](const char* name, ares_dns_rr_key_t key) {
    env_.Set(record, name, double(ares_dns_rr_get_u16(rr, key)));
  };
  auto u32 = [&](const char* name, ares_dns_rr_key_t key) {
    env_.Set(record, name, double(ares_dns_rr_get_u32(rr, key)));
  };
  switch (type) {
    case ARES_REC_TYPE_MX:
      text("exchange", ARES_RR_MX_EXCHANGE);
      u16("priority", ARES_RR_MX_PREFERENCE);
      SetType(record, "MX");
      break;
    case ARES_REC_TYPE_SRV:
      text("name", ARES_RR_SRV_TARGET);
      u16("port", ARES_RR_SRV_PORT);
      u16("priority", ARES_RR_SRV_PRIORITY);
      u16("weight", ARES_RR_SRV_WEIGHT);
      SetType(record, "SRV");
      break;
    case ARES_REC_TYPE_NAPTR:
      text("flags", ARES_RR_NAPTR_FLAGS);
      text("service", ARES_RR_NAPTR_SERVICES);
      text("regexp", ARES_RR_NAPTR_REGEXP);
      text("replacement", ARES_RR_NAPTR_REPLACEMENT);
      u16("order", ARES_RR_NAPTR_ORDER);
      u16("preference", ARES_RR_NAPTR_PREFERENCE);
      if (any_) SetType(record, "NAPTR");
      break;
    case ARES_REC_TYPE_CAA: {
      u8("critical", ARES_RR_CAA_CRITICAL);
      SetType(record, "CAA");
      size_t size = 0;
      const unsigned char* value = ares_dns_rr_get_bin(rr, ARES_RR_CAA_VALUE, &size);
      const char* tag = ares_dns_rr_get_str(rr, ARES_RR_CAA_TAG);
      // The property has the name of the tag ("issue").
      v8::Local<v8::Value> content =
          Latin1(std::string(reinterpret_cast<const char*>(value), value ? size : 0).c_str());
      env_.Set(record, tag ? tag : "", content);
      break;
    }
    case ARES_REC_TYPE_TLSA: {
      size_t size = 0;
      const unsigned char* bytes = ares_dns_rr_get_bin(rr, ARES_RR_TLSA_DATA, &size);
      if (!bytes || size == 0) return;
      v8::Local<v8::ArrayBuffer> buffer = v8::ArrayBuffer::New(env_.isolate, size);
      std::copy(bytes, bytes + size, static_cast<unsigned char*>(buffer->Data()));
      u8("certUsage", ARES_RR_TLSA_CERT_USAGE);
      u8("selector", ARES_RR_TLSA_SELECTOR);
      u8("match", ARES_RR_TLSA_MATCH);
      env_.Set(record, "data", buffer);
      // Node uses the position in the answer section as the index, which leaves holes.
      records_.resize(std::max(records_.size(), offset_ + index));
      break;
    }
    case ARES_REC_TYPE_TXT: {
      std::vector<v8::Local<v8::Value>> chunks;
      for (size_t i = 0; i < ares_dns_rr_get_abin_cnt(rr, ARES_RR_TXT_DATA); i++) {
        size_t size = 0;
        const unsigned char* chunk = ares_dns_rr_get_abin(rr, ARES_RR_TXT_DATA, i, &size);
        std::string_view characters(reinterpret_cast<const char*>(chunk), size);
        chunks.push_back(Latin1String(env_, characters).FromMaybe(v8::String::Empty(env_.isolate)));
      }
      return AddValue("entries", v8::Array::New(env_.isolate, chunks.data(), chunks.size()), "TXT");
    }
    case ARES_REC_TYPE_SOA:
      text("nsname", ARES_RR_SOA_MNAME);
      text("hostmaster", ARES_RR_SOA_RNAME);
      u32("serial", ARES_RR_SOA_SERIAL);
      u32("refresh", ARES_RR_SOA_REFRESH);
      u32("retry", ARES_RR_SOA_RETRY);
      u32("expire", ARES_RR_SOA_EXPIRE);
      u32("minttl", ARES_RR_SOA_MINIMUM);
      if (any_)
        SetType(record, "SOA");
      else
        single_ = record;
      break;
  }
  records_.push_back(record);
}

int Reader::ReadOthers(int type) {
  if (!message_) {
    ares_dns_record_t* raw = nullptr;
    ares_status_t status = ares_dns_parse(data(), reply_.size(), 0, &raw);
    message_.reset(raw);
    if (status != ARES_SUCCESS) return int(status);
  }
  size_t count = ares_dns_record_rr_cnt(message_.get(), ARES_SECTION_ANSWER);
  bool found = false;
  offset_ = records_.size();
  for (size_t i = 0; i < count; i++) {
    const ares_dns_rr_t* rr = ares_dns_record_rr_get_const(message_.get(), ARES_SECTION_ANSWER, i);
    if (int(ares_dns_rr_get_type(rr)) != type) continue;
    found = true;
    AddOther(type, rr, i);
    if (type == ARES_REC_TYPE_SOA) break;  // a zone has only one
  }
  // If all records have other types, the result is an empty list, or an error if one record is
  // required.
  if (count == 0 && type != ARES_REC_TYPE_TLSA) return ARES_ENODATA;
  if (!found && type == ARES_REC_TYPE_SOA && !any_) return ARES_EBADRESP;
  return ARES_SUCCESS;
}

int Reader::Read(int type) {
  switch (type) {
    case ARES_REC_TYPE_A:
    case ARES_REC_TYPE_AAAA:
      return ReadAddresses(type);
    case ARES_REC_TYPE_CNAME:
      return ReadCname();
    case ARES_REC_TYPE_NS:
    case ARES_REC_TYPE_PTR:
      return ReadNames(type);
    default:
      return ReadOthers(type);
  }
}

int Reader::ReadAny() {
  any_ = true;
  // An alias is returned alone, without the addresses to which it leads.
  hostent* raw = nullptr;
  int status = ares_parse_a_reply(data(), size(), &raw, nullptr, nullptr);
  Host host(raw);
  bool alias = status == ARES_SUCCESS && host->h_name && host->h_aliases[0];
  constexpr int kOrder[] = {ARES_REC_TYPE_A,    ARES_REC_TYPE_AAAA,  ARES_REC_TYPE_MX,
                            ARES_REC_TYPE_NS,   ARES_REC_TYPE_TXT,   ARES_REC_TYPE_SRV,
                            ARES_REC_TYPE_PTR,  ARES_REC_TYPE_NAPTR, ARES_REC_TYPE_SOA,
                            ARES_REC_TYPE_TLSA, ARES_REC_TYPE_CAA};
  for (int type : kOrder) {
    status = type == ARES_REC_TYPE_A && alias ? ReadCname() : Read(type);
    if (status != ARES_SUCCESS && status != ARES_ENODATA) return status;
  }
  return ARES_SUCCESS;
}

}  // namespace

int ParseReply(Env& env, int type, const std::string& reply, Answer* out) {
  Reader reader(env, reply);
  int status = type == kAnyType ? reader.ReadAny() : reader.Read(type);
  if (status == ARES_SUCCESS) *out = reader.answer();
  return status;
}

}  // namespace kiln::runtime
