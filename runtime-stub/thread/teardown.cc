// The end of a worker's Env. First all that is in flight ends: libuv still uses the memory of requests
// and handles, and their objects must outlive that. Then nothing refers to the native objects any more,
// and they are deleted in the order in which a collection might, which is any.
#include "runtime-stub/binding/handle.h"
#include "runtime-stub/binding/request.h"
#include "runtime-stub/bindings/messaging/port.h"
#include "runtime-stub/bindings/worker/worker_thread.h"
#include "runtime-stub/platform/platform.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/thread/run_loop.h"

namespace kiln::runtime {

namespace {

void CloseAll(uv_loop_t* loop) {
  uv_walk(
      loop,
      [](uv_handle_t* handle, void*) {
        if (!uv_is_closing(handle)) uv_close(handle, nullptr);
      },
      nullptr);
}

}  // namespace

void Env::CleanUp() {
  CHECK(worker);
  can_call_into_js_ = false;
  stopping = true;
  v8::Isolate::DisallowJavascriptExecutionScope no_javascript(
      isolate, v8::Isolate::DisallowJavascriptExecutionScope::THROW_ON_FAILURE);
  v8::HandleScope handle_scope(isolate);
  for (WorkerThread* one : workers) one->Exit(1);
  while (!workers.empty()) workers.back()->Join();
  if (context_.IsEmpty()) return;
  v8::Context::Scope in_context(context());

  ThePlatform().SetWake(isolate, {});
  std::vector<Wrapped*> with_end;
  for (Wrapped* one = first_wrapped; one; one = one->next_wrapped())
    if (one->has_end()) with_end.push_back(one);
  for (Wrapped* one : with_end) one->End();
  for (size_t i = requests.size(); i > 0; i--) requests[i - 1]->CancelRequest();
  while (!handles.empty() || !requests.empty()) {
    for (HandleWrap* handle : std::vector<HandleWrap*>(handles)) handle->Close();
    uv_run(loop, UV_RUN_ONCE);
  }
  // What they were closed with may have been queued behind them.
  while (first_wrapped) delete first_wrapped;
  inspector.reset();
  states_.clear();
  if (loop_started_) {
    CloseAll(loop);
    while (uv_run(loop, UV_RUN_DEFAULT) != 0) {
    }
  }
  FreePlatformHandles(*this);
  native_immediates_.clear();
  posted_.clear();
  execution_resources.clear();
  js_execution_resources.Reset();
}

}  // namespace kiln::runtime
