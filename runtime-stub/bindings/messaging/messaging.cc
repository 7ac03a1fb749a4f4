// internalBinding("messaging"): MessageChannel, BroadcastChannel and structuredClone. Ports are in
// port.cc, serialization is in binding/serialize.cc.
#include "runtime-stub/bindings/contextify/contextify.h"
#include "runtime-stub/bindings/messaging/port.h"

namespace kiln::runtime {
namespace {

MessagePort* PortArgument(Env& env, v8::Local<v8::Value> value) {
  return UnwrapArgument<MessagePort>(env, kMessagePortClass, value);
}

bool RequirePort(Env& env, v8::Local<v8::Value> value) {
  if (value->IsObject() && env.Template(kMessagePortClass)->HasInstance(value)) return true;
  Error::Type("ERR_INVALID_ARG_TYPE", "The \"port\" argument must be a MessagePort instance")
      .Throw(env);
  return false;
}

void MessageChannel(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  v8::Local<v8::Context> context = args.This()->GetCreationContextChecked(env.isolate);
  MessagePort* first = MessagePort::New(env, context);
  if (!first) return;
  MessagePort* second = MessagePort::New(env, context);
  if (!second) return first->Close();
  auto group = std::make_shared<PortGroup>();
  group->Join(first->data());
  group->Join(second->data());
  env.Set(args.This(), "port1", first->object());
  env.Set(args.This(), "port2", second->object());
}

const ClassEntry kMessageChannelClass = {
    .name = "MessageChannel", .construct = MessageChannel, .fields = 0};

void ExposeLazyDomExceptionProperty(Env& env, v8::Local<v8::Object> target) {
  // Nothing to do: the per-context scripts, which have run, define the class.
  (void)target->DefineOwnProperty(env.context(), env.Name("DOMException"),
                                  env.Get(Slot::kDomException), v8::DontEnum);
}

void SetDeserializerCreateObjectFunction(Env& env, v8::Local<v8::Function> function) {
  env.Set(Slot::kDeserializerCreateObject, function);
}

void StopMessagePort(Env& env, v8::Local<v8::Value> value) {
  if (MessagePort* port = PortArgument(env, value)) port->Stop();
}

void DrainMessagePort(Env& env, v8::Local<v8::Value> value) {
  if (MessagePort* port = PortArgument(env, value)) port->Deliver(true);
}

void ReceiveMessageOnPort(Env& env, const Args& args) {
  if (!RequirePort(env, args[0])) return;
  v8::Local<v8::Value> payload = env.Symbol("no_message_symbol");
  MessagePort* port = PortArgument(env, args[0]);
  v8::Local<v8::Context> context = args[0].As<v8::Object>()->GetCreationContextChecked(env.isolate);
  if (port && !port->Take(context, true, nullptr).ToLocal(&payload)) return;
  args.GetReturnValue().Set(payload);
}

void MoveMessagePortToContext(Env& env, const Args& args) {
  if (!RequirePort(env, args[0])) return;
  MessagePort* port = PortArgument(env, args[0]);
  if (!port || port->detached())
    return Error::Plain("ERR_CLOSED_MESSAGE_PORT", "Cannot send data on closed MessagePort")
        .Throw(env);
  ContextifyContext* target = ContextifyContext::FromHolder(env, args[1]);
  if (!target) return Error::Type("ERR_INVALID_ARG_TYPE", "Invalid context argument").Throw(env);
  port->Close();
  std::unique_ptr<PortData> data = port->Detach();
  if (MessagePort* moved = MessagePort::New(env, target->context(), std::move(data)))
    args.GetReturnValue().Set(moved->object());
}

void BroadcastChannel(Env& env, const Args& args) {
  std::string name;
  if (!ConvertArgument(env, args, 0, &name)) return;
  MessagePort* port = MessagePort::New(env, env.context());
  if (!port) return;
  PortGroup::Named(name)->Join(port->data());
  args.GetReturnValue().Set(port->object());
}

void StructuredClone(Env& env, const Args& args) {
  v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
  if (args.Length() == 0)
    return Error::Type("ERR_MISSING_ARGS", "The value argument must be specified").Throw(env);
  std::vector<v8::Local<v8::Value>> list;
  if (!args[1]->IsNullOrUndefined()) {
    if (!args[1]->IsObject())
      return Error::Type("ERR_INVALID_ARG_TYPE",
                         "The options argument must be either an object or undefined")
          .Throw(env);
    v8::Local<v8::Value> option;
    bool iterable = true;
    if (!args[1].As<v8::Object>()->Get(context, env.Name("transfer")).ToLocal(&option)) return;
    if (!option->IsUndefined() && !ReadIterable(env, context, option, &list, &iterable)) return;
    if (!iterable)
      return Error::Type("ERR_INVALID_ARG_TYPE",
                         "Optional options.transfer argument must be an iterable")
          .Throw(env);
  }
  Message message;
  v8::Local<v8::Value> result;
  if (message.Write(env, context, args[0], list) && message.Read(env, context).ToLocal(&result))
    args.GetReturnValue().Set(result);
}

constexpr Entry kFunctions[] = {
    Method<ExposeLazyDomExceptionProperty>("exposeLazyDOMExceptionProperty"),
    Method<StopMessagePort>("stopMessagePort"),
    Method<DrainMessagePort>("drainMessagePort"),
    Method<ReceiveMessageOnPort>("receiveMessageOnPort"),
    Method<MoveMessagePortToContext>("moveMessagePortToContext"),
    Method<SetDeserializerCreateObjectFunction>("setDeserializerCreateObjectFunction"),
    Method<BroadcastChannel>("broadcastChannel"),
    Method<StructuredClone>("structuredClone"),
};
const ClassEntry* const kClasses[] = {&kMessageChannelClass, &kMessagePortClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "DOMException", env.Get(Slot::kDomException));
}

}  // namespace

extern const Binding kMessagingBinding;
const Binding kMessagingBinding = {
    .name = "messaging", .functions = kFunctions, .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
