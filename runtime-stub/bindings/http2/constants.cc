// The constants of internalBinding("http2"): protocol numbers, which are also in http2.constants,
// and the names of headers and methods. The order is Node's, because Object.keys(http2.constants)
// exposes it.
#include <cctype>

#include "runtime-stub/bindings/http2/http2.h"

namespace kiln::runtime {
namespace {

struct Number {
  const char* name;
  double value;
};
#define KILN_NUMBER(name) {#name, double(name)}

// For the library alone: not enumerable.
constexpr double STREAM_OPTION_EMPTY_PAYLOAD = kEmptyPayload;
constexpr double STREAM_OPTION_GET_TRAILERS = kGetTrailers;
constexpr Number kHidden[] = {
    KILN_NUMBER(NGHTTP2_HCAT_REQUEST),
    KILN_NUMBER(NGHTTP2_HCAT_RESPONSE),
    KILN_NUMBER(NGHTTP2_HCAT_PUSH_RESPONSE),
    KILN_NUMBER(NGHTTP2_HCAT_HEADERS),
    KILN_NUMBER(NGHTTP2_NV_FLAG_NONE),
    KILN_NUMBER(NGHTTP2_NV_FLAG_NO_INDEX),
    KILN_NUMBER(NGHTTP2_ERR_DEFERRED),
    KILN_NUMBER(NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE),
    KILN_NUMBER(NGHTTP2_ERR_INVALID_ARGUMENT),
    KILN_NUMBER(NGHTTP2_ERR_STREAM_CLOSED),
    KILN_NUMBER(NGHTTP2_ERR_NOMEM),
    KILN_NUMBER(STREAM_OPTION_EMPTY_PAYLOAD),
    KILN_NUMBER(STREAM_OPTION_GET_TRAILERS),
};

constexpr Number kNumbers[] = {
    KILN_NUMBER(NGHTTP2_ERR_FRAME_SIZE_ERROR),
    {"NGHTTP2_SESSION_SERVER", 0},
    {"NGHTTP2_SESSION_CLIENT", 1},
    KILN_NUMBER(NGHTTP2_STREAM_STATE_IDLE),
    KILN_NUMBER(NGHTTP2_STREAM_STATE_OPEN),
    KILN_NUMBER(NGHTTP2_STREAM_STATE_RESERVED_LOCAL),
    KILN_NUMBER(NGHTTP2_STREAM_STATE_RESERVED_REMOTE),
    KILN_NUMBER(NGHTTP2_STREAM_STATE_HALF_CLOSED_LOCAL),
    KILN_NUMBER(NGHTTP2_STREAM_STATE_HALF_CLOSED_REMOTE),
    KILN_NUMBER(NGHTTP2_STREAM_STATE_CLOSED),
    KILN_NUMBER(NGHTTP2_FLAG_NONE),
    KILN_NUMBER(NGHTTP2_FLAG_END_STREAM),
    KILN_NUMBER(NGHTTP2_FLAG_END_HEADERS),
    KILN_NUMBER(NGHTTP2_FLAG_ACK),
    KILN_NUMBER(NGHTTP2_FLAG_PADDED),
    KILN_NUMBER(NGHTTP2_FLAG_PRIORITY),
    {"DEFAULT_SETTINGS_HEADER_TABLE_SIZE", 4096},
    {"DEFAULT_SETTINGS_ENABLE_PUSH", 1},
    {"DEFAULT_SETTINGS_MAX_CONCURRENT_STREAMS", 4294967295},
    {"DEFAULT_SETTINGS_INITIAL_WINDOW_SIZE", 65535},
    {"DEFAULT_SETTINGS_MAX_FRAME_SIZE", 16384},
    {"DEFAULT_SETTINGS_MAX_HEADER_LIST_SIZE", 65535},
    {"DEFAULT_SETTINGS_ENABLE_CONNECT_PROTOCOL", 0},
    {"MAX_MAX_FRAME_SIZE", 16777215},
    {"MIN_MAX_FRAME_SIZE", 16384},
    {"MAX_INITIAL_WINDOW_SIZE", 2147483647},
    KILN_NUMBER(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE),
    KILN_NUMBER(NGHTTP2_SETTINGS_ENABLE_PUSH),
    KILN_NUMBER(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
    KILN_NUMBER(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE),
    KILN_NUMBER(NGHTTP2_SETTINGS_MAX_FRAME_SIZE),
    KILN_NUMBER(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE),
    KILN_NUMBER(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL),
    {"PADDING_STRATEGY_NONE", 0},
    {"PADDING_STRATEGY_ALIGNED", 1},
    {"PADDING_STRATEGY_MAX", 2},
    {"PADDING_STRATEGY_CALLBACK", 1},
    KILN_NUMBER(NGHTTP2_NO_ERROR),
    KILN_NUMBER(NGHTTP2_PROTOCOL_ERROR),
    KILN_NUMBER(NGHTTP2_INTERNAL_ERROR),
    KILN_NUMBER(NGHTTP2_FLOW_CONTROL_ERROR),
    KILN_NUMBER(NGHTTP2_SETTINGS_TIMEOUT),
    KILN_NUMBER(NGHTTP2_STREAM_CLOSED),
    KILN_NUMBER(NGHTTP2_FRAME_SIZE_ERROR),
    KILN_NUMBER(NGHTTP2_REFUSED_STREAM),
    KILN_NUMBER(NGHTTP2_CANCEL),
    KILN_NUMBER(NGHTTP2_COMPRESSION_ERROR),
    KILN_NUMBER(NGHTTP2_CONNECT_ERROR),
    KILN_NUMBER(NGHTTP2_ENHANCE_YOUR_CALM),
    KILN_NUMBER(NGHTTP2_INADEQUATE_SECURITY),
    KILN_NUMBER(NGHTTP2_HTTP_1_1_REQUIRED),
    KILN_NUMBER(NGHTTP2_DEFAULT_WEIGHT),
};
#undef KILN_NUMBER

// The constants HTTP2_HEADER_... have the names in capitals, without the colon, and with
// underscores for hyphens.
constexpr const char* kHeaders[] = {
    ":status",
    ":method",
    ":authority",
    ":scheme",
    ":path",
    ":protocol",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "accept",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "authorization",
    "cache-control",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "etag",
    "forwarded",
    "host",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "last-modified",
    "link",
    "location",
    "range",
    "referer",
    "server",
    "set-cookie",
    "strict-transport-security",
    "transfer-encoding",
    "te",
    "upgrade-insecure-requests",
    "upgrade",
    "user-agent",
    "vary",
    "x-content-type-options",
    "x-frame-options",
    "keep-alive",
    "proxy-connection",
    "x-xss-protection",
    "alt-svc",
    "content-security-policy",
    "early-data",
    "expect-ct",
    "origin",
    "purpose",
    "timing-allow-origin",
    "x-forwarded-for",
    "priority",
    "accept-charset",
    "access-control-max-age",
    "allow",
    "content-language",
    "content-location",
    "content-md5",
    "content-range",
    "dnt",
    "expect",
    "expires",
    "from",
    "if-match",
    "if-unmodified-since",
    "max-forwards",
    "prefer",
    "proxy-authenticate",
    "proxy-authorization",
    "refresh",
    "retry-after",
    "trailer",
    "tk",
    "via",
    "warning",
    "www-authenticate",
    "http2-settings",
};

// The same for HTTP2_METHOD_...
constexpr const char* kMethods[] = {
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PRI",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "REBIND",
    "REPORT",
    "SEARCH",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
};

constexpr Number kStatuses[] = {
    {"CONTINUE", 100},
    {"SWITCHING_PROTOCOLS", 101},
    {"PROCESSING", 102},
    {"EARLY_HINTS", 103},
    {"OK", 200},
    {"CREATED", 201},
    {"ACCEPTED", 202},
    {"NON_AUTHORITATIVE_INFORMATION", 203},
    {"NO_CONTENT", 204},
    {"RESET_CONTENT", 205},
    {"PARTIAL_CONTENT", 206},
    {"MULTI_STATUS", 207},
    {"ALREADY_REPORTED", 208},
    {"IM_USED", 226},
    {"MULTIPLE_CHOICES", 300},
    {"MOVED_PERMANENTLY", 301},
    {"FOUND", 302},
    {"SEE_OTHER", 303},
    {"NOT_MODIFIED", 304},
    {"USE_PROXY", 305},
    {"TEMPORARY_REDIRECT", 307},
    {"PERMANENT_REDIRECT", 308},
    {"BAD_REQUEST", 400},
    {"UNAUTHORIZED", 401},
    {"PAYMENT_REQUIRED", 402},
    {"FORBIDDEN", 403},
    {"NOT_FOUND", 404},
    {"METHOD_NOT_ALLOWED", 405},
    {"NOT_ACCEPTABLE", 406},
    {"PROXY_AUTHENTICATION_REQUIRED", 407},
    {"REQUEST_TIMEOUT", 408},
    {"CONFLICT", 409},
    {"GONE", 410},
    {"LENGTH_REQUIRED", 411},
    {"PRECONDITION_FAILED", 412},
    {"PAYLOAD_TOO_LARGE", 413},
    {"URI_TOO_LONG", 414},
    {"UNSUPPORTED_MEDIA_TYPE", 415},
    {"RANGE_NOT_SATISFIABLE", 416},
    {"EXPECTATION_FAILED", 417},
    {"TEAPOT", 418},
    {"MISDIRECTED_REQUEST", 421},
    {"UNPROCESSABLE_ENTITY", 422},
    {"LOCKED", 423},
    {"FAILED_DEPENDENCY", 424},
    {"TOO_EARLY", 425},
    {"UPGRADE_REQUIRED", 426},
    {"PRECONDITION_REQUIRED", 428},
    {"TOO_MANY_REQUESTS", 429},
    {"REQUEST_HEADER_FIELDS_TOO_LARGE", 431},
    {"UNAVAILABLE_FOR_LEGAL_REASONS", 451},
    {"INTERNAL_SERVER_ERROR", 500},
    {"NOT_IMPLEMENTED", 501},
    {"BAD_GATEWAY", 502},
    {"SERVICE_UNAVAILABLE", 503},
    {"GATEWAY_TIMEOUT", 504},
    {"HTTP_VERSION_NOT_SUPPORTED", 505},
    {"VARIANT_ALSO_NEGOTIATES", 506},
    {"INSUFFICIENT_STORAGE", 507},
    {"LOOP_DETECTED", 508},
    {"BANDWIDTH_LIMIT_EXCEEDED", 509},
    {"NOT_EXTENDED", 510},
    {"NETWORK_AUTHENTICATION_REQUIRED", 511},
};

// Indexed by the number of the error.
constexpr const char* kErrorNames[] = {
    "NGHTTP2_NO_ERROR",
    "NGHTTP2_PROTOCOL_ERROR",
    "NGHTTP2_INTERNAL_ERROR",
    "NGHTTP2_FLOW_CONTROL_ERROR",
    "NGHTTP2_SETTINGS_TIMEOUT",
    "NGHTTP2_STREAM_CLOSED",
    "NGHTTP2_FRAME_SIZE_ERROR",
    "NGHTTP2_REFUSED_STREAM",
    "NGHTTP2_CANCEL",
    "NGHTTP2_COMPRESSION_ERROR",
    "NGHTTP2_CONNECT_ERROR",
    "NGHTTP2_ENHANCE_YOUR_CALM",
    "NGHTTP2_INADEQUATE_SECURITY",
    "NGHTTP2_HTTP_1_1_REQUIRED",
};

std::string ConstantName(std::string name, std::string_view value) {
  for (char c : value) {
    if (c == ':') continue;
    name += c == '-' ? '_' : char(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace

void AddHttp2Constants(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
  constexpr auto kHiddenConstant =
      v8::PropertyAttribute(v8::ReadOnly | v8::DontEnum | v8::DontDelete);
  for (auto [name, value] : kHidden)
    constants
        ->DefineOwnProperty(env.context(), env.Name(name), v8::Number::New(env.isolate, value),
                            kHiddenConstant)
        .Check();
  for (auto [name, value] : kNumbers) SetConstant(env, constants, name, value);
  for (const char* header : kHeaders)
    SetConstant(env, constants, ConstantName("HTTP2_HEADER_", header).c_str(), header);
  for (const char* method : kMethods)
    SetConstant(env, constants, ConstantName("HTTP2_METHOD_", method).c_str(), method);
  for (auto [name, value] : kStatuses)
    SetConstant(env, constants, ("HTTP_STATUS_" + std::string(name)).c_str(), value);

  std::vector<v8::Local<v8::Value>> names;
  for (const char* name : kErrorNames) names.push_back(env.Name(name));
  env.Set(exports, "nameForErrorCode", v8::Array::New(env.isolate, names.data(), names.size()));
  env.Set(exports, "constants", constants);
}

}  // namespace kiln::runtime
