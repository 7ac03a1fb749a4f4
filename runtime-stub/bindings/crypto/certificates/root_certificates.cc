// Default roots of trust (root_certificates.h), from these places:
//
//   Mozilla's set      in the executable, compressed (make_root_certificates.py)
//   --use-system-ca    in addition, those of the machine: SSL_CERT_FILE, SSL_CERT_DIR or /etc/ssl
//   --use-openssl-ca   those of the machine instead of Mozilla's, where OpenSSL looks for them
//   NODE_EXTRA_CA_CERTS  in addition, those in a file
//   tls.setDefaultCACertificates()  these instead of all of the above
//
// Nothing is read or parsed before a connection needs it (root_set.h).
#include "runtime-stub/bindings/crypto/certificates/root_certificates.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>
#include <zstd.h>

#include <algorithm>

#include "runtime-stub/bindings/crypto/certificates/root_set.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/platform/environment.h"

extern "C" {
// root_certificates_data.S: concatenated DER certificates, as one zstd frame.
extern const char kiln_root_certificates[], kiln_root_certificates_end[];
extern const uint64_t kiln_root_certificates_size;  // unpacked
}

namespace kiln::runtime {
namespace {

int NoPassphrase(char*, int, int, void*) { return 0; }

RootSet& BundledRoots() {
  static RootSet* const roots = [] {
    std::string ders(size_t(kiln_root_certificates_size), '\0');
    size_t stored = size_t(kiln_root_certificates_end - kiln_root_certificates);
    CHECK(ZSTD_decompress(ders.data(), ders.size(), kiln_root_certificates, stored) == ders.size());
    auto* made = new RootSet;  // never freed: stores of all threads use it
    CHECK(made->AddAll(ders));
    return made;
  }();
  return *roots;
}

// ---------------------------------------------------------------- files

// 0, or OpenSSL's error code.
unsigned long ReadFile(const std::string& path, RootSet* out) {
  ScopedOpenSslErrors drop;
  Bio bio(BIO_new_file(path.c_str(), "r"));
  return bio ? out->AddPem(bio.get()) : ERR_peek_error();
}

void ReadDirectory(const std::string& path, RootSet* out) {
  if (path.empty()) return;
  DIR* directory = opendir(path.c_str());
  if (!directory) {
    std::fprintf(stderr, "Cannot open directory %s to load OpenSSL certificates.\n", path.c_str());
    return;
  }
  std::vector<std::string> files;
  while (dirent* entry = readdir(directory)) files.push_back(path + "/" + entry->d_name);
  closedir(directory);
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    struct stat info;
    if (stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode)) ReadFile(file, out);
  }
}

// Where the machine keeps its certificates. The linked OpenSSL's own default is Debian's path. An
// empty variable means no certificates.
std::string SystemFile() {
  return ReadTrusted(X509_get_default_cert_file_env()).value_or("/etc/ssl/cert.pem");
}
std::string SystemDirectory() {
  return ReadTrusted(X509_get_default_cert_dir_env()).value_or("/etc/ssl/certs");
}

RootSet& SystemRoots() {
  static RootSet* const roots = [] {
    auto* made = new RootSet;
    ReadFile(SystemFile(), made);
    ReadDirectory(SystemDirectory(), made);
    return made;
  }();
  return *roots;
}

RootSet& ExtraRoots() {
  static RootSet* const roots = [] {
    auto* made = new RootSet;
    std::string path = ReadTrusted("NODE_EXTRA_CA_CERTS").value_or("");
    unsigned long error = path.empty() ? 0 : ReadFile(path, made);
    if (error) {
      char text[256];
      ERR_error_string_n(error, text, sizeof text);
      std::fprintf(stderr, "Warning: Ignoring extra certs from `%s`, load failed: %s\n",
                   path.c_str(), text);
    }
    return made;
  }();
  return *roots;
}

// ---------------------------------------------------------------- per thread

struct Roots {
  explicit Roots(Env&) {}
  StorePointer shared;
  bool replaced = false;  // by tls.setDefaultCACertificates()
  std::vector<Certificate> users;
};

v8::Local<v8::Value> ToArray(Env& env, const std::vector<std::string>& pems) {
  v8::LocalVector<v8::Value> texts(env.isolate);
  for (const std::string& pem : pems) texts.push_back(env.Str(pem));
  return v8::Array::New(env.isolate, texts.data(), texts.size());
}

// OpenSSL writes PEM with a line break at the end.
std::vector<std::string> Lines(std::vector<std::string> pems) {
  for (std::string& pem : pems) pem += '\n';
  return pems;
}

// Reads all certificates of a PEM text. 0, or the code of the error that ended it.
unsigned long ReadPem(BIO* bio, std::vector<Certificate>* out) {
  ScopedOpenSslErrors drop;
  while (X509* next = PEM_read_bio_X509(bio, nullptr, NoPassphrase, nullptr))
    out->push_back(AdoptCertificate(next));
  unsigned long error = ERR_peek_last_error();
  bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  return at_end ? 0 : error;
}

}  // namespace

StorePointer NewRootStore(Env& env) {
  StorePointer store(X509_STORE_new());
  ScopedOpenSslErrors drop;
  Roots& roots = env.State<Roots>();
  if (roots.replaced) {
    for (const Certificate& user : roots.users) X509_STORE_add_cert(store.get(), user.get());
    return store;
  }
  std::vector<RootSet*> sets;
  if (env.options && env.options->GetBool("[ssl_openssl_cert_store]")) {
    X509_STORE_load_file(store.get(), SystemFile().c_str());
    X509_STORE_load_path(store.get(), SystemDirectory().c_str());
  } else {
    sets.push_back(&BundledRoots());
    if (env.options && env.options->GetBool("--use-system-ca")) sets.push_back(&SystemRoots());
  }
  sets.push_back(&ExtraRoots());
  RootSet::Attach(store.get(), std::move(sets));
  return store;
}

X509_STORE* SharedRootStore(Env& env) {
  Roots& roots = env.State<Roots>();
  if (!roots.shared) roots.shared = NewRootStore(env);
  return roots.shared.get();
}

void GetBundledRootCertificates(Env& env, const Args& args) {
  constexpr size_t kWidthInNode = 72;
  args.GetReturnValue().Set(ToArray(env, BundledRoots().Pems(kWidthInNode)));
}

void GetSystemCaCertificates(Env& env, const Args& args) {
  StartOpenSsl();
  args.GetReturnValue().Set(ToArray(env, Lines(SystemRoots().Pems())));
}

void GetExtraCaCertificates(Env& env, const Args& args) {
  StartOpenSsl();
  args.GetReturnValue().Set(ToArray(env, Lines(ExtraRoots().Pems())));
}

void GetUserRootCertificates(Env& env, const Args& args) {
  std::vector<std::string> pems;
  for (const Certificate& user : env.State<Roots>().users) pems.push_back(PemOf(user.get()));
  args.GetReturnValue().Set(ToArray(env, pems));
}

// resetRootCertStore(array of PEM texts or bytes)
void ResetRootCertStore(Env& env, const Args& args) {
  if (!args[0]->IsArray()) return ThrowBadArgument(env, 0);
  StartOpenSsl();
  v8::Local<v8::Array> texts = args[0].As<v8::Array>();
  std::vector<Certificate> users;
  for (uint32_t i = 0; i < texts->Length(); i++) {
    v8::Local<v8::Value> item;
    std::string text;
    if (!texts->Get(env.context(), i).ToLocal(&item)) return;
    if (!DecodeValue(env, item, Encoding::kUtf8, &text)) return ThrowBadArgument(env, 0);
    ERR_clear_error();
    Bio bio = ReadOnlyBio(text);
    unsigned long error = bio ? ReadPem(bio.get(), &users) : 0;
    if (error)
      return (void)env.isolate->ThrowException(
          OpenSslException(env, {error}, "Failed to parse certificate"));
  }
  if (texts->Length() > 0 && users.empty())
    return Error::Plain("ERR_CRYPTO_OPERATION_FAILED",
                        "No valid certificates found in the provided array")
        .Throw(env);
  auto less = [](const Certificate& a, const Certificate& b) {
    return X509_cmp(a.get(), b.get()) < 0;
  };
  auto same = [](const Certificate& a, const Certificate& b) {
    return X509_cmp(a.get(), b.get()) == 0;
  };
  std::stable_sort(users.begin(), users.end(), less);
  users.erase(std::unique(users.begin(), users.end(), same), users.end());
  Roots& roots = env.State<Roots>();
  roots.users = std::move(users);
  roots.replaced = true;
  roots.shared.reset();
}

}  // namespace kiln::runtime
