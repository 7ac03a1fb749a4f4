// process._getActiveRequests, _getActiveHandles and getActiveResourcesInfo: the objects that keep
// the process alive, and their names.
#include "runtime-stub/binding/handle.h"
#include "runtime-stub/bindings/process_methods/process_methods.h"

namespace kiln::runtime::process_methods {

namespace {

// The names that users see: those of Node's C++ classes, which differ from the provider names of
// async_hooks.
struct ResourceName {
  Provider provider;
  const char* name;
};
constexpr ResourceName kResourceNames[] = {
    {Provider::kDIRHANDLE, "DirHandle"},
    {Provider::kDNSCHANNEL, "ChannelWrap"},
    {Provider::kELDHISTOGRAM, "IntervalHistogram"},
    {Provider::kFILEHANDLE, "FileHandle"},
    {Provider::kFILEHANDLECLOSEREQ, "CloseReq"},
    {Provider::kBLOBREADER, "Blob::Reader"},
    {Provider::kFSEVENTWRAP, "FSEventWrap"},
    {Provider::kFSREQCALLBACK, "FSReqCallback"},
    {Provider::kFSREQPROMISE, "FSReqPromise"},
    {Provider::kGETADDRINFOREQWRAP, "GetAddrInfoReqWrap"},
    {Provider::kGETNAMEINFOREQWRAP, "GetNameInfoReqWrap"},
    {Provider::kHTTP2SESSION, "Http2Session"},
    {Provider::kHTTP2STREAM, "Http2Stream"},
    {Provider::kMESSAGEPORT, "MessagePort"},
    {Provider::kPIPECONNECTWRAP, "ConnectWrap"},
    {Provider::kPIPESERVERWRAP, "PipeWrap"},
    {Provider::kPIPEWRAP, "PipeWrap"},
    {Provider::kPROCESSWRAP, "ProcessWrap"},
    {Provider::kQUERYWRAP, "QueryWrap"},
    {Provider::kSHUTDOWNWRAP, "LibuvShutdownWrap"},
    {Provider::kSIGNALWRAP, "SignalWrap"},
    {Provider::kSTATWATCHER, "StatWatcher"},
    {Provider::kTCPCONNECTWRAP, "ConnectWrap"},
    {Provider::kTCPSERVERWRAP, "TCPServerWrap"},
    {Provider::kTCPWRAP, "TCPSocketWrap"},
    {Provider::kTTYWRAP, "TTYWrap"},
    {Provider::kUDPSENDWRAP, "SendWrap"},
    {Provider::kUDPWRAP, "UDPWrap"},
    {Provider::kWORKER, "Worker"},
    {Provider::kWRITEWRAP, "LibuvWriteWrap"},
};

const char* NameOf(const AsyncWrap& wrap) {
  for (const ResourceName& entry : kResourceNames)
    if (entry.provider == wrap.provider()) return entry.name;
  return wrap.type_name();
}

// The object that the library created for the native one: a Socket for a TCP handle.
v8::Local<v8::Object> OwnerOf(Env& env, const AsyncWrap& wrap) {
  v8::Local<v8::Object> object = wrap.object();
  v8::Local<v8::Symbol> symbol = env.Symbol("owner_symbol");
  v8::Local<v8::Value> owner;
  while (object->Get(env.context(), symbol).ToLocal(&owner) && owner->IsObject() &&
         !owner->StrictEquals(object))
    object = owner.As<v8::Object>();
  return object;
}

v8::Local<v8::Value> ToArray(Env& env, std::vector<v8::Local<v8::Value>>& list) {
  return v8::Array::New(env.isolate, list.data(), list.size());
}

}  // namespace

v8::Local<v8::Value> GetActiveRequests(Env& env) {
  std::vector<v8::Local<v8::Value>> list;
  for (AsyncWrap* request : env.requests)
    if (request->attached() && request->is_listed()) list.push_back(OwnerOf(env, *request));
  return ToArray(env, list);
}

v8::Local<v8::Value> GetActiveHandles(Env& env) {
  std::vector<v8::Local<v8::Value>> list;
  for (HandleWrap* handle : env.handles)
    if (handle->attached() && handle->has_ref()) list.push_back(OwnerOf(env, *handle));
  return ToArray(env, list);
}

v8::Local<v8::Value> GetActiveResourcesInfo(Env& env) {
  std::vector<v8::Local<v8::Value>> list;
  for (AsyncWrap* request : env.requests)
    if (request->attached() && request->is_listed()) list.push_back(env.Str(NameOf(*request)));
  for (HandleWrap* handle : env.handles)
    if (handle->attached() && handle->has_ref()) list.push_back(env.Str(NameOf(*handle)));
  list.insert(list.end(), size_t(env.timeout_info[0]), env.Str("Timeout"));
  list.insert(list.end(), size_t(env.immediate_info[1]), env.Str("Immediate"));
  return ToArray(env, list);
}

}  // namespace kiln::runtime::process_methods
