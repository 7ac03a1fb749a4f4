// Memory for OpenSSL. Connections release the buffers for their records whenever they are empty
// (SSL_MODE_RELEASE_BUFFERS), so that an idle one has none; each message therefore allocates and
// frees two blocks of 17 kB. glibc's malloc splits such blocks off and joins them again, which
// was 3 % of the instructions of a request over HTTPS; here each thread keeps a few.
#pragma once

namespace kiln::runtime {

// Makes OpenSSL use this memory. Has no effect once OpenSSL has allocated something.
void UseRecordMemory();

}  // namespace kiln::runtime
