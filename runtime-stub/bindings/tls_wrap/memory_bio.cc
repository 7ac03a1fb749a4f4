// TlsBuffers (memory_bio.h). A read takes the copied bytes first, then the lent ones. Without bytes
// it returns "try again", never the end of the stream, because the stream below reports the end.
#include "runtime-stub/bindings/tls_wrap/memory_bio.h"

#include <algorithm>
#include <cstring>

namespace kiln::runtime {

BIO* TlsBuffers::NewBio() {
  BIO* bio = BIO_new(Method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  return bio;
}

void TlsBuffers::Lend(std::string_view bytes) {
  Keep();
  lent_ = bytes;
}

void TlsBuffers::Keep() {
  if (lent_.empty()) return;
  kept_.erase(0, kept_start_);
  kept_start_ = 0;
  kept_.append(lent_);
  lent_ = {};
}

std::string_view TlsBuffers::Unread() {
  if (kept_start_ == kept_.size() && !lent_.empty()) return lent_;
  Keep();
  return std::string_view(kept_).substr(kept_start_);
}

int TlsBuffers::Read(BIO* bio, char* data, int size) {
  auto& self = *static_cast<TlsBuffers*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (self.waiting() == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  size_t done = std::min(size_t(size), self.kept_.size() - self.kept_start_);
  if (done > 0) {
    std::memcpy(data, self.kept_.data() + self.kept_start_, done);
    self.kept_start_ += done;
    if (self.kept_start_ == self.kept_.size()) {
      std::string().swap(self.kept_);
      self.kept_start_ = 0;
    }
  }
  size_t more = std::min(size_t(size) - done, self.lent_.size());
  if (more > 0) {
    std::memcpy(data + done, self.lent_.data(), more);
    self.lent_.remove_prefix(more);
  }
  return int(done + more);
}

int TlsBuffers::Write(BIO* bio, const char* data, int size) {
  auto& self = *static_cast<TlsBuffers*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  self.out.append(data, size_t(size));
  return size;
}

long TlsBuffers::Control(BIO* bio, int command, long number, void*) {
  auto& self = *static_cast<TlsBuffers*>(BIO_get_data(bio));
  switch (command) {
    case BIO_CTRL_PENDING:
      return long(self.waiting());
    case BIO_CTRL_WPENDING:
      return long(self.out.size());
    case BIO_CTRL_GET_CLOSE:
      return BIO_get_shutdown(bio);
    case BIO_CTRL_SET_CLOSE:
      BIO_set_shutdown(bio, int(number));
      return 1;
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    default:
      return 0;
  }
}

const BIO_METHOD* TlsBuffers::Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "TLS buffers");
    BIO_meth_set_read(made, Read);
    BIO_meth_set_write(made, Write);
    BIO_meth_set_ctrl(made, Control);
    return made;
  }();
  return method;
}

}  // namespace kiln::runtime
