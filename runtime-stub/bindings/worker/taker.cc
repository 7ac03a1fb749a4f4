// Questions to a worker: each is asked on the worker's thread, at an interrupt or from its loop, and
// answered on the parent's. An answer contains no objects of V8.
#include "runtime-stub/bindings/worker/taker.h"

#include <v8-profiler.h>

#include "runtime-stub/bindings/v8/heap_snapshot.h"
#include "runtime-stub/bindings/v8/profiles.h"
#include "runtime-stub/bindings/worker/worker.h"

namespace kiln::runtime {

const ClassEntry kTakerClass = {.name = "WorkerTaker", .parent = &kAsyncWrapClass};

namespace {

class Taker final : public AsyncWrap {
 public:
  Taker(Env& env, Provider provider) : AsyncWrap(env, provider) {}
};

// `ask` runs on the worker's thread.
void Ask(Worker& worker, Provider provider, const Args& args,
         std::function<Answer(Env& worker)> ask) {
  Env& parent = worker.env();
  Taker* taker = NewWrapped<Taker>(parent, kTakerClass, provider);
  v8::Local<v8::Object> object = taker->object();
  taker->Pin();
  // The parent's Env lives longer than the thread.
  bool asked = worker.thread().Interrupt([&parent, taker, ask = std::move(ask)](Env& env) {
    Answer answer = ask(env);
    parent.PostFromAnyThread([taker, answer = std::move(answer)](Env& env) {
      v8::HandleScope scope(env.isolate);
      v8::Context::Scope entered(env.context());
      v8::Local<v8::Object> alive = taker->object();
      taker->Unpin();
      std::vector<v8::Local<v8::Value>> values = answer(env);
      (void)taker->MakeCallback("ondone", std::span<v8::Local<v8::Value>>(values));
    });
  });
  if (asked)
    args.GetReturnValue().Set(object);
  else
    taker->Unpin();
}

using Values = std::vector<v8::Local<v8::Value>>;

Values Failure(Env& env, const Error& error) { return {error.ToJs(env)}; }

}  // namespace

void Worker::TakeHeapSnapshot(const Args& args) {
  std::vector<uint8_t> options;
  Bytes bytes;
  if (GetBytes(args[0], &bytes)) options.assign(bytes.data, bytes.data + bytes.size);
  Ask(*this, Provider::kWORKERHEAPSNAPSHOT, args, [options](Env& worker) -> Answer {
    v8::HandleScope scope(worker.isolate);
    // As text, because the snapshot itself belongs to the worker's isolate.
    auto text = std::make_shared<std::string>(HeapSnapshotText(worker, options));
    return [text](Env& env) -> Values { return {NewHeapSnapshotStream(env, std::move(*text))}; };
  });
}

void Worker::GetHeapStatistics(const Args& args) {
  Ask(*this, Provider::kWORKERHEAPSTATISTICS, args, [](Env& worker) -> Answer {
    auto s = std::make_shared<v8::HeapStatistics>();
    worker.isolate->GetHeapStatistics(s.get());
    return [s](Env& env) -> Values {
      v8::Local<v8::Object> out = NewNullProtoObject(env);
      auto set = [&](const char* name, size_t value) { env.Set(out, name, double(value)); };
      set("total_heap_size", s->total_heap_size());
      set("total_heap_size_executable", s->total_heap_size_executable());
      set("total_physical_size", s->total_physical_size());
      set("total_available_size", s->total_available_size());
      set("used_heap_size", s->used_heap_size());
      set("heap_size_limit", s->heap_size_limit());
      set("malloced_memory", s->malloced_memory());
      set("peak_malloced_memory", s->peak_malloced_memory());
      set("does_zap_garbage", s->does_zap_garbage());
      set("number_of_native_contexts", s->number_of_native_contexts());
      set("number_of_detached_contexts", s->number_of_detached_contexts());
      set("total_global_handles_size", s->total_global_handles_size());
      set("used_global_handles_size", s->used_global_handles_size());
      set("external_memory", s->external_memory());
      return {out};
    };
  });
}

void Worker::CpuUsage(const Args& args) {
  Ask(*this, Provider::kWORKERCPUUSAGE, args, [](Env&) -> Answer {
    uv_rusage_t usage;
    int rc = uv_getrusage_thread(&usage);
    return [rc, usage](Env& env) -> Values {
      if (rc != 0) return Failure(env, Error::Uv(rc, "uv_getrusage_thread"));
      auto microseconds = [](const uv_timeval_t& t) {
        return 1e6 * double(t.tv_sec) + double(t.tv_usec);
      };
      v8::Local<v8::Object> out = NewNullProtoObject(env);
      env.Set(out, "user", microseconds(usage.ru_utime));
      env.Set(out, "system", microseconds(usage.ru_stime));
      return {v8::Null(env.isolate), out};
    };
  });
}

namespace {

// An answer with the result of a function that may fail: a number, or a text.
template <class T>
Answer AnswerOf(Result<T> result) {
  auto kept = std::make_shared<Result<T>>(std::move(result));
  return [kept](Env& env) -> Values {
    if (!kept->ok()) return Failure(env, kept->error());
    if constexpr (std::is_same_v<T, std::string>)
      return {v8::Null(env.isolate), env.Str(kept->value())};
    else
      return {v8::Null(env.isolate), v8::Number::New(env.isolate, double(kept->value()))};
  };
}

}  // namespace

void Worker::StartCpuProfile(const Args& args) {
  Ask(*this, Provider::kWORKERCPUPROFILE, args,
      [](Env& worker) { return AnswerOf(runtime::StartCpuProfile(worker)); });
}

void Worker::StopCpuProfile(const Args& args) {
  v8::ProfilerId id = args[0]->IsUint32() ? args[0].As<v8::Uint32>()->Value() : 0;
  Ask(*this, Provider::kWORKERCPUPROFILE, args,
      [id](Env& worker) { return AnswerOf(runtime::StopCpuProfile(worker, id)); });
}

void Worker::StartHeapProfile(const Args& args) {
  Ask(*this, Provider::kWORKERHEAPPROFILE, args,
      [](Env& worker) { return AnswerOf(runtime::StartHeapProfile(worker)); });
}

void Worker::StopHeapProfile(const Args& args) {
  Ask(*this, Provider::kWORKERHEAPPROFILE, args,
      [](Env& worker) { return AnswerOf(runtime::StopHeapProfile(worker)); });
}

}  // namespace kiln::runtime
