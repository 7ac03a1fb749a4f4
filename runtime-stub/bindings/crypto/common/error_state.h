// OpenSSL's queue of errors, which each thread has. ossl_err_get_state_int(), by which OpenSSL finds
// it, checks twice that OpenSSL is initialized and takes 160 instructions, ten times for each record
// of TLS. The linker replaces it by a function that remembers the address in thread-local memory.
#pragma once

#include <openssl/err.h>

namespace kiln::runtime {

// Whether the thread's queue has errors: ERR_peek_error() != 0. Any thread.
bool HasOpenSslErrors();

}  // namespace kiln::runtime
