#include "runtime-stub/thread/training.h"

#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include <cstdio>

#include "runtime-stub/library/compiled_functions.h"
#include "runtime-stub/payload/payload.h"

namespace kiln::runtime {

namespace {

Env* g_env;  // of the main thread, while it records
uv_signal_t g_signals[3];

void CountHandlers(uv_handle_t* handle, void* data) {
  auto* wanted = static_cast<std::pair<int, int>*>(data);
  if (handle->type == UV_SIGNAL && uv_is_active(handle) &&
      reinterpret_cast<uv_signal_t*>(handle)->signum == wanted->first)
    wanted->second++;
}

// If the app handles the signal too, it decides what happens. Otherwise the process ends by it.
void OnSignal(uv_signal_t* handle, int number) {
  FinishTraining(*g_env);
  std::pair<int, int> handlers = {number, 0};
  uv_walk(handle->loop, CountHandlers, &handlers);
  if (handlers.second > 1) return;
  uv_signal_stop(handle);
  signal(number, SIG_DFL);
  raise(number);
}

}  // namespace

std::vector<std::string> TrainingFlags() {
  return {"--bytecode-old-age=60000", "--no-sparkplug", "--initial-heap-size=1024"};
}

void StartTraining(Env& env) {
  if (!env.payload || env.payload->training.empty()) return;
  g_env = &env;
  alarm(format::kTrainingSeconds);
  DiscardAllCode(env.isolate);
  constexpr int kNumbers[] = {SIGHUP, SIGINT, SIGTERM};
  for (int i = 0; i < 3; ++i) {
    uv_signal_init(env.loop, &g_signals[i]);
    uv_unref(reinterpret_cast<uv_handle_t*>(&g_signals[i]));
    uv_signal_start(&g_signals[i], OnSignal, kNumbers[i]);
  }
}

void FinishTraining(Env& env) {
  if (&env != g_env) return;
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  std::string profile = DescribedFunctions(env.isolate);
  std::string path = env.payload->training + "/" + std::to_string(getpid());
  std::string temporary = path + ".part";
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (!file) return;
  bool written = std::fwrite(profile.data(), 1, profile.size(), file) == profile.size();
  if (std::fclose(file) == 0 && written) std::rename(temporary.c_str(), path.c_str());
}

}  // namespace kiln::runtime
