// A handler of a signal may not take locks, which interrupting V8 does. So the handler only wakes a
// thread that waits for it.
#include "runtime-stub/bindings/inspector/start_signal.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "runtime-stub/bindings/inspector/agent.h"

namespace kiln::runtime::inspector {

namespace {

sem_t g_signalled;

void OnSignal(int) { sem_post(&g_signalled); }

void* WaitForSignals(void* data) {
  std::unique_ptr<std::shared_ptr<Mailbox>> mailbox(static_cast<std::shared_ptr<Mailbox>*>(data));
  for (;;) {
    while (sem_wait(&g_signalled) != 0) {
    }
    (*mailbox)->Post([](Agent& agent) { agent.Open({}, {}); });
  }
}

}  // namespace

bool AttachBySignal(const RunOptions& options, const Payload* payload) {
  return !options.GetBool("--disable-sigusr1") && (!payload || payload->inspect);
}

void StartOnSignal(Agent& agent) {
  CHECK(sem_init(&g_signalled, 0, 0) == 0);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  constexpr size_t kStackSize = 64 * 1024;
  pthread_attr_setstacksize(&attributes, kStackSize);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // The thread handles no signals.
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  pthread_t thread;
  auto* mailbox = new std::shared_ptr<Mailbox>(agent.mailbox());
  int rc = pthread_create(&thread, &attributes, WaitForSignals, mailbox);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  pthread_attr_destroy(&attributes);
  if (rc != 0) {  // without the thread the signal stays ignored
    delete mailbox;
    return;
  }
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(SIGUSR1, &action, nullptr);
}

}  // namespace kiln::runtime::inspector
