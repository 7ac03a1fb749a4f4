// Direct writes: those that need not wait for a handshake, for an earlier write or for the peer, so
// nearly all. The record is encrypted and sent within the call, but JavaScript learns that the write
// is complete from the check phase of the loop, as in Node. A server does that for many connections
// at once. A WriteWrap for each, a callback of the loop and a call into JavaScript took 9,000
// instructions of a request; here one call reports the writes of all connections
// (internal/kiln/tls_writes), each with the async id and the AsyncLocalStorage frame that it would
// have by itself.
#include <openssl/err.h>

#include "runtime-stub/bindings/tls_wrap/tls_wrap.h"

namespace kiln::runtime {

struct TlsWrap::DirectBatch {
  std::vector<TlsWrap*> writes;  // null: canceled
  // While they are reported: kWidth elements for each write. JavaScript sets the first to undefined
  // when it reports the write.
  v8::Local<v8::Array> list;

  enum Element { kRequest, kAsyncId, kTriggerId, kFrame, kHandle, kWidth };
};

void SetWriteReporter(Env& env, v8::Local<v8::Function> function) {
  env.Set(Slot::kReportTlsWrites, function);
}

bool TlsWrap::HasUnreportedWrite() const { return direct_batch_ && direct_batch_->list.IsEmpty(); }

StreamBase::Direct TlsWrap::DoDirectWrite(v8::Local<v8::Object> req, uv_buf_t* bufs, size_t count,
                                          int* err) {
  if (!ssl_ || !established_ || hello_ != Hello::kDone || ssl_depth_ > 0 || write_ ||
      empty_write_ || HasUnreportedWrite() || write_in_flight_ || write_broken_ ||
      writes_pending_ || awaiting_new_session_ || !unsent_.empty() || !buffers_.out.empty() ||
      !below() || !below()->HasTryWrite() || !SSL_is_init_finished(ssl_.get()) ||
      SSL_renegotiate_pending(ssl_.get()))
    return Direct::kNo;
  std::string joined;
  std::string_view text = Join(bufs, count, &joined);
  if (text.empty()) return Direct::kNo;

  in_write_ = true;
  Written written = Encrypt(text.data(), text.size());
  in_write_ = false;
  if (!ssl_) {
    *err = UV_ECANCELED;
    return Direct::kFailed;
  }
  if (written == Written::kFailed) {
    ERR_clear_error();
    *err = UV_EPROTO;
    return Direct::kFailed;
  }
  if (written == Written::kDeferred || buffers_.out.empty()) return Direct::kNo;
  write_may_finish_ = true;
  int status = 0;
  if (!WriteBelow(&status)) return Direct::kStarted;
  if (status != 0) {
    Defer([this, status] { OnStreamAfterWrite(nullptr, status); });
    return Direct::kStarted;
  }
  ReportLater(req);
  Resume();
  return Direct::kDone;
}

void TlsWrap::ReportLater(v8::Local<v8::Object> req) {
  // The writes are reported where each would be by itself, so other work of the check phase that was
  // added meanwhile ends a batch.
  if (!shared_.batch || shared_.batch_number != env().immediates_added()) {
    shared_.batch = std::make_shared<DirectBatch>();
    env().SetImmediate([batch = shared_.batch, &shared = shared_](Env& env) {
      if (shared.batch == batch) shared.batch.reset();
      ReportWrites(env, *batch);
    });
    shared_.batch_number = env().immediates_added();
  }
  object()->SetInternalField(kDirectWriteField, req);
  // The field is undefined, as most frames are.
  v8::Local<v8::Value> frame = env().isolate->GetContinuationPreservedEmbedderData();
  if (!frame->IsUndefined()) object()->SetInternalField(kDirectFrameField, frame);
  direct_id_ = env().NewAsyncId();
  direct_batch_ = shared_.batch.get();
  direct_index_ = direct_batch_->writes.size();
  direct_batch_->writes.push_back(this);
  Pin();
}

void TlsWrap::ReportWrites(Env& env, DirectBatch& batch) {
  v8::Isolate* isolate = env.isolate;
  std::erase(batch.writes, nullptr);
  v8::LocalVector<v8::Value> elements(isolate);
  elements.reserve(batch.writes.size() * DirectBatch::kWidth);
  for (size_t i = 0; i < batch.writes.size(); i++) {
    TlsWrap& wrap = *batch.writes[i];
    v8::Local<v8::Object> handle = wrap.object();
    elements.push_back(handle->GetInternalField(kDirectWriteField).As<v8::Value>());
    elements.push_back(v8::Number::New(isolate, wrap.direct_id_));
    elements.push_back(v8::Number::New(isolate, wrap.async_id()));
    v8::Local<v8::Value> frame = handle->GetInternalField(kDirectFrameField).As<v8::Value>();
    elements.push_back(frame);
    elements.push_back(handle);
    handle->SetInternalField(kDirectWriteField, env.Undefined());
    if (!frame->IsUndefined()) handle->SetInternalField(kDirectFrameField, env.Undefined());
    wrap.direct_index_ = i;
    wrap.write_in_flight_ = false;
    wrap.written_size_ = 0;
    wrap.write_number_++;
  }
  batch.list = v8::Array::New(isolate, elements.data(), elements.size());

  {
    v8::TryCatch reported(isolate);
    reported.SetVerbose(true);
    v8::Local<v8::Function> report = env.GetFunction(Slot::kReportTlsWrites);
    v8::Local<v8::Value> frame = isolate->GetContinuationPreservedEmbedderData();
    uint32_t depth = env.async_hook_fields[Env::kStackLength];
    v8::Local<v8::Value> list = batch.list;
    // After an exception it continues with the next write.
    while (env.can_call_into_js() &&
           report->Call(isolate, env.context(), env.Undefined(), 1, &list).IsEmpty()) {
      while (env.async_hook_fields[Env::kStackLength] > depth)
        PopAsyncContext(env, env.execution_async_id(), true);
      isolate->SetContinuationPreservedEmbedderData(frame);
    }
  }

  for (TlsWrap* wrap : batch.writes) {
    if (wrap->direct_batch_ == &batch) wrap->direct_batch_ = nullptr;
    // What had to wait for the write.
    if (wrap->ssl_ && (!wrap->buffers_.out.empty() || !wrap->unsent_.empty() ||
                       wrap->rerun_requested_ || wrap->shutdown_request_)) {
      Callback callback(*wrap);
      wrap->WriteClear();
      wrap->WriteEncrypted();
      if (wrap->rerun_requested_) wrap->Cycle();
      wrap->ContinueShutdown();
    }
    wrap->Unpin();
  }
}

void TlsWrap::CancelDirectWrite() {
  DirectBatch* batch = std::exchange(direct_batch_, nullptr);
  if (!env().can_call_into_js()) return;
  v8::Local<v8::Context> context = env().context();
  v8::HandleScope handles(env().isolate);
  v8::Local<v8::Value> request, frame;
  bool waits = batch->list.IsEmpty();
  if (waits) {
    request = object()->GetInternalField(kDirectWriteField).As<v8::Value>();
    frame = object()->GetInternalField(kDirectFrameField).As<v8::Value>();
    object()->SetInternalField(kDirectWriteField, env().Undefined());
    object()->SetInternalField(kDirectFrameField, env().Undefined());
    batch->writes[direct_index_] = nullptr;
    written_size_ = 0;
  } else {
    uint32_t at = uint32_t(direct_index_ * DirectBatch::kWidth);
    if (!batch->list->Get(context, at + DirectBatch::kRequest).ToLocal(&request) ||
        !batch->list->Get(context, at + DirectBatch::kFrame).ToLocal(&frame) ||
        !request->IsObject() || batch->list->Set(context, at, env().Undefined()).IsNothing())
      return;
  }
  v8::Local<v8::Object> object = request.As<v8::Object>();
  env().Set(object, "error", env().Str(kCanceled));
  v8::Local<v8::Value> args[] = {v8::Integer::New(env().isolate, UV_ECANCELED), this->object(),
                                 env().Undefined()};
  v8::Local<v8::Value> function = env().Get(object, "oncomplete");
  if (function->IsFunction())
    (void)kiln::runtime::MakeCallback(env(), object, function.As<v8::Function>(), args,
                                      {direct_id_, async_id()}, frame);
  QueueDestroy(env(), direct_id_);
  if (waits) Unpin();
}

}  // namespace kiln::runtime
