// The "libuv" section of a report: every handle of the loop, with its properties.
#include <arpa/inet.h>
#include <sys/un.h>
#include <uv.h>

#include <cstring>

#include "runtime-stub/bindings/report/report.h"

namespace kiln::runtime::report {

namespace {

// Host name (unless excluded from the report), address and port.
void WriteEndpoint(JsonWriter& json, const char* key, uv_loop_t* loop, const sockaddr* address,
                   bool resolve) {
  char text[INET6_ADDRSTRLEN] = "";
  int port;
  const bool v4 = address->sa_family == AF_INET;
  if (v4) {
    auto* in = reinterpret_cast<const sockaddr_in*>(address);
    uv_ip4_name(in, text, sizeof text);
    port = ntohs(in->sin_port);
  } else if (address->sa_family == AF_INET6) {
    auto* in = reinterpret_cast<const sockaddr_in6*>(address);
    uv_ip6_name(in, text, sizeof text);
    port = ntohs(in->sin6_port);
  } else {
    return json.Null(key);
  }
  json.BeginObject(key);
  uv_getnameinfo_t request;
  if (resolve && uv_getnameinfo(loop, &request, nullptr, address, NI_NUMERICSERV) == 0)
    json.Text("host", request.host);
  else
    json.Text("host", text);
  json.Text(v4 ? "ip4" : "ip6", text);
  json.Number("port", port);
  json.EndObject();
}

template <class H, class F>
void WriteSocketName(JsonWriter& json, const char* key, const H* handle, F get, bool resolve) {
  sockaddr_storage storage;
  int size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (get(handle, address, &size) == 0)
    WriteEndpoint(json, key, handle->loop, address, resolve);
  else
    json.Null(key);
}

template <class F>
void WriteText(JsonWriter& json, const char* key, F get) {
  char text[4096];
  size_t size = sizeof text;
  if (get(text, &size) == 0 && size > 0)
    json.Text(key, std::string_view(text, strnlen(text, size)));
  else
    json.Null(key);
}

void WriteDetails(JsonWriter& json, uv_handle_t* handle, bool resolve) {
  switch (handle->type) {
    case UV_FS_EVENT:
      return WriteText(json, "filename", [&](char* to, size_t* size) {
        return uv_fs_event_getpath(reinterpret_cast<uv_fs_event_t*>(handle), to, size);
      });
    case UV_FS_POLL:
      return WriteText(json, "filename", [&](char* to, size_t* size) {
        return uv_fs_poll_getpath(reinterpret_cast<uv_fs_poll_t*>(handle), to, size);
      });
    case UV_PROCESS:
      return json.Number("pid", reinterpret_cast<uv_process_t*>(handle)->pid);
    case UV_TCP: {
      auto* tcp = reinterpret_cast<uv_tcp_t*>(handle);
      WriteSocketName(json, "localEndpoint", tcp, uv_tcp_getsockname, resolve);
      return WriteSocketName(json, "remoteEndpoint", tcp, uv_tcp_getpeername, resolve);
    }
    case UV_UDP: {
      auto* udp = reinterpret_cast<uv_udp_t*>(handle);
      WriteSocketName(json, "localEndpoint", udp, uv_udp_getsockname, resolve);
      return WriteSocketName(json, "remoteEndpoint", udp, uv_udp_getpeername, resolve);
    }
    case UV_NAMED_PIPE: {
      auto* pipe = reinterpret_cast<uv_pipe_t*>(handle);
      WriteText(json, "localEndpoint",
                [&](char* to, size_t* size) { return uv_pipe_getsockname(pipe, to, size); });
      return WriteText(json, "remoteEndpoint",
                       [&](char* to, size_t* size) { return uv_pipe_getpeername(pipe, to, size); });
    }
    case UV_TIMER: {
      auto* timer = reinterpret_cast<uv_timer_t*>(handle);
      uint64_t due = uv_timer_get_due_in(timer);
      json.Number("repeat", double(uv_timer_get_repeat(timer)));
      json.Number("firesInMsFromNow", double(due));
      return json.Bool("expired", due == 0);
    }
    case UV_TTY: {
      int width, height;
      if (uv_tty_get_winsize(reinterpret_cast<uv_tty_t*>(handle), &width, &height) != 0) return;
      json.Number("width", width);
      return json.Number("height", height);
    }
    case UV_SIGNAL: {
      int number = reinterpret_cast<uv_signal_t*>(handle)->signum;
      json.Number("signum", number);
      const char* name = sigabbrev_np(number);
      return json.Text("signal", name ? std::string("SIG") + name : "");
    }
    default:
      return;
  }
}

// Buffer sizes, descriptor and state of streams.
void WriteDescriptor(JsonWriter& json, uv_handle_t* handle) {
  const bool stream =
      handle->type == UV_TCP || handle->type == UV_NAMED_PIPE || handle->type == UV_TTY;
  if (handle->type == UV_TCP || handle->type == UV_NAMED_PIPE || handle->type == UV_UDP) {
    int send = 0, receive = 0;
    if (uv_send_buffer_size(handle, &send) == 0) json.Number("sendBufferSize", send);
    if (uv_recv_buffer_size(handle, &receive) == 0) json.Number("recvBufferSize", receive);
  }
  uv_os_fd_t fd;
  if ((stream || handle->type == UV_UDP || handle->type == UV_POLL) && uv_fileno(handle, &fd) == 0)
    json.Number("fd", fd);
  if (handle->type == UV_UDP) {
    auto* udp = reinterpret_cast<uv_udp_t*>(handle);
    json.Number("writeQueueSize", double(uv_udp_get_send_queue_size(udp)));
    json.Number("writeQueueCount", double(uv_udp_get_send_queue_count(udp)));
  }
  if (!stream) return;
  auto* s = reinterpret_cast<uv_stream_t*>(handle);
  json.Number("writeQueueSize", double(s->write_queue_size));
  json.Bool("readable", uv_is_readable(s));
  json.Bool("writable", uv_is_writable(s));
}

}  // namespace

void WriteHandles(Env& env, JsonWriter& json) {
  struct Walk {
    JsonWriter& json;
    bool resolve;
  } walk{json, !env.State<Settings>().exclude_network};
  json.BeginArray("libuv");
  uv_walk(
      env.loop,
      [](uv_handle_t* handle, void* data) {
        Walk& walk = *static_cast<Walk*>(data);
        const char* type = uv_handle_type_name(handle->type);
        walk.json.BeginObject();
        walk.json.Text("type", type ? type : "unknown");
        walk.json.Bool("is_active", uv_is_active(handle));
        walk.json.Bool("is_referenced", uv_has_ref(handle));
        walk.json.Pointer("address", handle);
        WriteDetails(walk.json, handle, walk.resolve);
        WriteDescriptor(walk.json, handle);
        walk.json.EndObject();
      },
      &walk);
  json.BeginObject();
  json.Text("type", "loop");
  json.Bool("is_active", uv_loop_alive(env.loop));
  json.Pointer("address", env.loop);
  json.Number("loopIdleTimeSeconds", double(uv_metrics_idle_time(env.loop)) / 1e9);
  json.EndObject();
  json.EndArray();
}

}  // namespace kiln::runtime::report
