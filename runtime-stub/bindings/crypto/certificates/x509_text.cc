// The fields of a certificate as text in Node's formats (x509.h). Names are untrusted input: a DNS
// name may contain commas, quotes or zero bytes that would read like further names, so a name with
// characters outside of a small safe set is written as a JSON string.
#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <climits>

#include "runtime-stub/bindings/crypto/certificates/x509.h"
#include "support/text.h"

namespace kiln::runtime {

Bio ReadOnlyBio(std::string_view bytes) {
  if (bytes.size() > INT_MAX) return {};
  return Bio(BIO_new_mem_buf(bytes.data(), int(bytes.size())));
}

std::string TextOf(const Bio& bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, size_t(size)) : std::string();
}

namespace {

constexpr unsigned long kNameFlags = ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL |
                                     ASN1_STRFLGS_UTF8_CONVERT | XN_FLAG_SEP_MULTILINE |
                                     XN_FLAG_FN_SN;
// For names inside a JSON string, which escapes the rest.
constexpr unsigned long kDirectoryNameFlags =
    XN_FLAG_RFC2253 & ~(ASN1_STRFLGS_ESC_MSB | ASN1_STRFLGS_ESC_CTRL);

enum class Charset { kAscii, kUtf8 };

bool IsSafe(std::string_view name, Charset charset) {
  for (char c : name) {
    if (c == '"' || c == '\\' || c == ',' || c == '\'') return false;
    uint8_t byte = uint8_t(c);
    if (byte < ' ' || byte == 0x7f) return false;
    if (byte > '~' && charset == Charset::kAscii) return false;
  }
  return true;
}

void AppendName(std::string& out, std::string_view name, Charset charset = Charset::kAscii,
                std::string_view prefix = {}) {
  std::string label(prefix);
  if (!label.empty()) label += ':';
  if (IsSafe(name, charset)) {
    out.append(label).append(name);
    return;
  }
  out.append("\"").append(label);
  for (char c : name) {
    uint8_t byte = uint8_t(c);
    if (c == '\\' || c == '"') {
      out.append({'\\', c});
    } else if ((byte >= ' ' && byte <= '~' && c != ',') ||
               (byte >= 0x80 && charset == Charset::kUtf8)) {
      out += c;
    } else {  // the bytes of ASCII strings are read as Latin-1
      out.append("\\u00").append({kHexDigits[byte >> 4], kHexDigits[byte & 15]});
    }
  }
  out += '"';
}

std::string_view BytesOf(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          size_t(ASN1_STRING_length(string))};
}

void AppendAddress(std::string& out, std::string_view ip) {
  char text[64];
  auto byte = [&](size_t i) { return unsigned(uint8_t(ip[i])); };
  if (ip.size() == 4) {
    std::snprintf(text, sizeof text, "%u.%u.%u.%u", byte(0), byte(1), byte(2), byte(3));
    out += text;
  } else if (ip.size() == 16) {
    for (size_t i = 0; i < 16; i += 2) {
      std::snprintf(text, sizeof text, i ? ":%X" : "%X", byte(i) << 8 | byte(i + 1));
      out += text;
    }
  } else {
    out += "<invalid length=" + std::to_string(ip.size()) + ">";
  }
}

void AppendOtherName(std::string& out, const OTHERNAME* other) {
  struct Known {
    int nid;
    const char* label;
    int type;
  };
  constexpr Known kKnown[] = {{NID_id_on_SmtpUTF8Mailbox, "SmtpUTF8Mailbox", V_ASN1_UTF8STRING},
                              {NID_XmppAddr, "XmppAddr", V_ASN1_UTF8STRING},
                              {NID_SRVName, "SRVName", V_ASN1_IA5STRING},
                              {NID_ms_upn, "UPN", V_ASN1_UTF8STRING},
                              {NID_NAIRealm, "NAIRealm", V_ASN1_UTF8STRING}};
  int nid = OBJ_obj2nid(other->type_id);
  out += "othername:";
  for (const Known& known : kKnown) {
    if (known.nid != nid || other->value->type != known.type) continue;
    return AppendName(out, BytesOf(other->value->value.asn1_string),
                      known.type == V_ASN1_UTF8STRING ? Charset::kUtf8 : Charset::kAscii,
                      known.label);
  }
  out += "<unsupported>";
}

bool AppendGeneralName(std::string& out, const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS:
      out += "DNS:";
      AppendName(out, BytesOf(name->d.dNSName));
      return true;
    case GEN_EMAIL:
      out += "email:";
      AppendName(out, BytesOf(name->d.rfc822Name));
      return true;
    case GEN_URI:
      out += "URI:";
      AppendName(out, BytesOf(name->d.uniformResourceIdentifier));
      return true;
    case GEN_DIRNAME: {
      Bio text(BIO_new(BIO_s_mem()));
      if (X509_NAME_print_ex(text.get(), name->d.dirn, 0, kDirectoryNameFlags) < 0) return false;
      out += "DirName:";
      AppendName(out, TextOf(text), Charset::kUtf8);
      return true;
    }
    case GEN_IPADD:
      out += "IP Address:";
      AppendAddress(out, BytesOf(name->d.ip));
      return true;
    case GEN_RID: {
      char id[256];
      OBJ_obj2txt(id, sizeof id, name->d.rid, 1);  // 1: numbers, never a name
      out.append("Registered ID:").append(id);
      return true;
    }
    case GEN_OTHERNAME:
      AppendOtherName(out, name->d.otherName);
      return true;
    case GEN_X400:
      out += "X400Name:<unsupported>";
      return true;
    case GEN_EDIPARTY:
      out += "EdiPartyName:<unsupported>";
      return true;
    default:
      return false;
  }
}

template <class T>
T* Extension(const X509* certificate, int nid) {
  int index = X509_get_ext_by_NID(certificate, nid, -1);
  return index < 0 ? nullptr : static_cast<T*>(X509V3_EXT_d2i(X509_get_ext(certificate, index)));
}

}  // namespace

std::string PemOf(X509* certificate) {
  ScopedOpenSslErrors drop;
  Bio bio(BIO_new(BIO_s_mem()));
  return PEM_write_bio_X509(bio.get(), certificate) == 1 ? TextOf(bio) : std::string();
}

std::string DerOf(X509* certificate) {
  ScopedOpenSslErrors drop;
  unsigned char* der = nullptr;
  int size = i2d_X509(certificate, &der);
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(der), size_t(size));
  OPENSSL_free(der);
  return out;
}

std::optional<std::string> NameText(const X509_NAME* name) {
  ScopedOpenSslErrors drop;
  Bio bio(BIO_new(BIO_s_mem()));
  if (X509_NAME_print_ex(bio.get(), name, 0, kNameFlags) <= 0) return {};
  return TextOf(bio);
}

std::optional<std::string> AltNamesText(const X509* certificate) {
  ScopedOpenSslErrors drop;
  std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>> names(
      Extension<GENERAL_NAMES>(certificate, NID_subject_alt_name));
  if (!names) return {};
  std::string out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); i++) {
    if (i > 0) out += ", ";
    if (!AppendGeneralName(out, sk_GENERAL_NAME_value(names.get(), i))) return {};
  }
  return out;
}

std::optional<std::string> InfoAccessText(const X509* certificate) {
  ScopedOpenSslErrors drop;
  std::unique_ptr<AUTHORITY_INFO_ACCESS, FreeWith<AUTHORITY_INFO_ACCESS_free>> entries(
      Extension<AUTHORITY_INFO_ACCESS>(certificate, NID_info_access));
  if (!entries) return {};
  std::string out;
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(entries.get()); i++) {
    const ACCESS_DESCRIPTION* entry = sk_ACCESS_DESCRIPTION_value(entries.get(), i);
    char method[80];
    i2t_ASN1_OBJECT(method, sizeof method, entry->method);
    if (i > 0) out += '\n';
    out.append(method).append(" - ");
    if (!AppendGeneralName(out, entry->location)) return {};
  }
  return out;
}

std::string TimeText(const ASN1_TIME* time) {
  ScopedOpenSslErrors drop;
  Bio bio(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(bio.get(), time);
  return TextOf(bio);
}

std::optional<std::string> FingerprintText(const X509* certificate, const EVP_MD* digest) {
  ScopedOpenSslErrors drop;
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, digest, bytes, &size) != 1 || size == 0) return {};
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned i = 0; i < size; i++) {
    if (i > 0) out += ':';
    out.append({kHex[bytes[i] >> 4], kHex[bytes[i] & 15]});
  }
  return out;
}

std::optional<std::string> SerialText(const X509* certificate) {
  ScopedOpenSslErrors drop;
  std::unique_ptr<BIGNUM, FreeWith<BN_free>> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  char* hex = number ? BN_bn2hex(number.get()) : nullptr;
  if (!hex) return {};
  std::string out(hex);
  OPENSSL_free(hex);
  return out;
}

std::optional<std::vector<std::string>> KeyUsages(const X509* certificate) {
  ScopedOpenSslErrors drop;
  std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>> usages(
      static_cast<EXTENDED_KEY_USAGE*>(
          X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  if (!usages) return {};
  std::vector<std::string> out;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); i++) {
    char id[256];
    if (OBJ_obj2txt(id, sizeof id, sk_ASN1_OBJECT_value(usages.get(), i), 1) >= 0)
      out.push_back(id);
  }
  return out;
}

bool IsCertificateAuthority(X509* certificate) {
  ScopedOpenSslErrors drop;
  return X509_check_ca(certificate) == 1;
}

bool IsIssuedBy(X509* certificate, X509* issuer) {
  ScopedOpenSslErrors drop;
  return X509_check_issued(issuer, certificate) == X509_V_OK;
}

const char* VerifyErrorCode(long error) {
  switch (error) {
#define KILN_CODE(name)   \
  case X509_V_ERR_##name: \
    return #name;
    KILN_CODE(UNABLE_TO_GET_ISSUER_CERT)
    KILN_CODE(UNABLE_TO_GET_CRL)
    KILN_CODE(UNABLE_TO_DECRYPT_CERT_SIGNATURE)
    KILN_CODE(UNABLE_TO_DECRYPT_CRL_SIGNATURE)
    KILN_CODE(UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY)
    KILN_CODE(CERT_SIGNATURE_FAILURE)
    KILN_CODE(CRL_SIGNATURE_FAILURE)
    KILN_CODE(CERT_NOT_YET_VALID)
    KILN_CODE(CERT_HAS_EXPIRED)
    KILN_CODE(CRL_NOT_YET_VALID)
    KILN_CODE(CRL_HAS_EXPIRED)
    KILN_CODE(ERROR_IN_CERT_NOT_BEFORE_FIELD)
    KILN_CODE(ERROR_IN_CERT_NOT_AFTER_FIELD)
    KILN_CODE(ERROR_IN_CRL_LAST_UPDATE_FIELD)
    KILN_CODE(ERROR_IN_CRL_NEXT_UPDATE_FIELD)
    KILN_CODE(OUT_OF_MEM)
    KILN_CODE(DEPTH_ZERO_SELF_SIGNED_CERT)
    KILN_CODE(SELF_SIGNED_CERT_IN_CHAIN)
    KILN_CODE(UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
    KILN_CODE(UNABLE_TO_VERIFY_LEAF_SIGNATURE)
    KILN_CODE(CERT_CHAIN_TOO_LONG)
    KILN_CODE(CERT_REVOKED)
    KILN_CODE(INVALID_CA)
    KILN_CODE(PATH_LENGTH_EXCEEDED)
    KILN_CODE(INVALID_PURPOSE)
    KILN_CODE(CERT_UNTRUSTED)
    KILN_CODE(CERT_REJECTED)
    KILN_CODE(HOSTNAME_MISMATCH)
#undef KILN_CODE
  }
  return "UNSPECIFIED";
}

}  // namespace kiln::runtime
