// internalBinding("url"): the WHATWG URL, parsed by ada. JavaScript keeps the href and nine numbers
// with the positions of its parts; a call that creates a new href stores them in the shared array
// `urlComponents`.
#include <ada.h>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/bindings/lenient_host.h"
#include "support/text.h"

namespace kiln::runtime {
namespace {

struct UrlState {
  explicit UrlState(Env& env) : components(env, Slot::kUrlComponents, 9) {}
  SharedArray<uint32_t> components;
};

v8::Local<v8::Value> AsciiString(Env& env, std::string_view ascii) {
  v8::Local<v8::String> string;
  if (!Latin1String(env, ascii).ToLocal(&string)) return env.Undefined();
  return string;
}

// Stores the components for JavaScript and returns the href. `href` is passed because it may differ
// from that of the URL (lenient_host.h).
void ReturnUrl(Env& env, const Args& args, const ada::url_aggregator& url,
               std::string_view href = {}) {
  auto& to = env.State<UrlState>().components;
  const ada::url_components& from = url.get_components();
  to[0] = from.protocol_end;
  to[1] = from.username_end;
  to[2] = from.host_start;
  to[3] = from.host_end;
  to[4] = from.port;
  to[5] = from.pathname_start;
  to[6] = from.search_start;
  to[7] = from.hash_start;
  to[8] = url.type;
  args.GetReturnValue().Set(AsciiString(env, href.empty() ? url.get_href() : href));
}

void ThrowInvalidUrl(Env& env, v8::Local<v8::Value> input, v8::Local<v8::Value> base = {}) {
  auto error = Error::Type("ERR_INVALID_URL", "Invalid URL").ToJs(env).As<v8::Object>();
  env.Set(error, "input", input);
  if (!base.IsEmpty() && base->IsString()) env.Set(error, "base", base);
  env.isolate->ThrowException(error);
}

// Whether the input is resolved against its base: it has no scheme. Tabs and newlines in a URL are
// ignored.
bool IsRelative(std::string_view input, char* first) {
  auto skipped = [](char c) { return c == '\t' || c == '\n' || c == '\r'; };
  size_t i = 0;
  while (i < input.size() && uint8_t(input[i]) <= ' ') i++;
  *first = i < input.size() ? input[i] : '\0';
  for (bool start = true; i < input.size(); i++) {
    char c = input[i];
    if (skipped(c)) continue;
    bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    bool digit = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (c == ':' && !start) return false;
    if (!letter && (start || !digit)) return true;
    start = false;
  }
  return true;
}

// With an opaque base ("mailto:x"), only an input that is a fragment is valid; ada 3.4 accepts more
// if the input also has a fragment.
bool CanResolve(std::string_view input, const ada::url_aggregator& base) {
  char first;
  return !base.has_opaque_path || !IsRelative(input, &first) || first == '#';
}

using ParsedUrl = ada::result<ada::url_aggregator>;

// Parses `input` without leniency; `base` may be null.
ParsedUrl ParseStrictly(std::string_view input, const std::string_view* base) {
  if (!base) return ada::parse<ada::url_aggregator>(input);
  ParsedUrl parsed_base = ada::parse<ada::url_aggregator>(*base);
  if (!parsed_base) return parsed_base;
  if (!CanResolve(input, *parsed_base)) return tl::unexpected(ada::errors::type_error);
  return ada::parse<ada::url_aggregator>(input, &*parsed_base);
}

// The same, lenient about Punycode. Calls use(url, href) with the result.
template <class F>
bool ParseLeniently(std::string_view input, const std::string_view* base, F use) {
  if (ParsedUrl url = ParseStrictly(input, base)) {
    use(*url, std::string_view(url->get_href()));
    return true;
  }
  PunycodeMask mask(input, base ? *base : std::string_view());
  if (!mask) return false;
  std::string masked_base = base ? mask.Hide(*base) : std::string();
  std::string_view base_view = masked_base;
  ParsedUrl url = ParseStrictly(mask.Hide(input), base ? &base_view : nullptr);
  if (!url || PunycodeMask::HasEncodedLabel(url->get_hostname())) return false;
  use(*url, std::string_view(mask.Reveal(url->get_href())));
  return true;
}

// parse(input, base, throws): the href, or undefined.
void Parse(Env& env, const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env, 0);
  Utf8Text input(env, args[0].As<v8::String>());
  bool has_base = args[1]->IsString();
  Utf8Text base_text(env, has_base ? args[1].As<v8::String>() : v8::String::Empty(env.isolate));
  std::string_view base = base_text.view();
  bool ok = ParseLeniently(input.view(), has_base ? &base : nullptr,
                           [&](const ada::url_aggregator& url, std::string_view href) {
                             ReturnUrl(env, args, url, href);
                           });
  if (!ok && args[2]->IsTrue()) ThrowInvalidUrl(env, args[0], args[1]);
}

bool CanParseText(std::string_view input, const std::string_view* base = nullptr) {
  return ParseLeniently(input, base, [](const ada::url_aggregator&, std::string_view) {});
}

// canParse(input[, base])
void CanParse(Env& env, const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env, 0);
  Utf8Text input(env, args[0].As<v8::String>());
  if (!args[1]->IsString()) return args.GetReturnValue().Set(CanParseText(input.view()));
  Utf8Text base_text(env, args[1].As<v8::String>());
  std::string_view base = base_text.view();
  args.GetReturnValue().Set(CanParseText(input.view(), &base));
}
bool FastCanParse(v8::Local<v8::Value>, const v8::FastOneByteString& input,
                  v8::FastApiCallbackOptions&) {
  std::string_view text(input.data, input.length);
  // ada expects UTF-8, in which each non-ASCII character of a Latin-1 string has two bytes.
  std::string utf8;
  for (char c : text) {
    if (!(c & 0x80)) continue;
    for (char d : text) AppendUtf8(utf8, uint8_t(d));
    return CanParseText(utf8);
  }
  return CanParseText(text);
}

enum class Action {
  kProtocol,
  kHost,
  kHostname,
  kPort,
  kUsername,
  kPassword,
  kPathname,
  kSearch,
  kHash,
  kHref
};

// False if the value is rejected; the URL may be modified even then.
bool SetPart(ada::url_aggregator& url, Action action, std::string_view value) {
  switch (action) {
    case Action::kProtocol:
      return url.set_protocol(value);
    case Action::kHost:
      return url.set_host(value);
    case Action::kHostname:
      return url.set_hostname(value);
    case Action::kPort:
      return url.set_port(value);
    case Action::kUsername:
      return url.set_username(value);
    case Action::kPassword:
      return url.set_password(value);
    case Action::kPathname:
      return url.set_pathname(value);
    case Action::kSearch:
      url.set_search(value);
      return true;
    case Action::kHash:
      url.set_hash(value);
      return true;
    case Action::kHref:
      return url.set_href(value);
  }
  return false;
}

// update(href, action, value): the new href, or false if the value is rejected.
void Update(Env& env, const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env, 0);
  int number = args[1]->IsInt32() ? args[1].As<v8::Int32>()->Value() : -1;
  if (number < 0 || number > int(Action::kHref)) return ThrowBadArgument(env, 1);
  if (!args[2]->IsString()) return ThrowBadArgument(env, 2);
  Action action = Action(number);
  Utf8Text href(env, args[0].As<v8::String>());
  Utf8Text value(env, args[2].As<v8::String>());
  ParsedUrl url = ada::parse<ada::url_aggregator>(href.view());
  if (url && SetPart(*url, action, value.view())) return ReturnUrl(env, args, *url);

  if (PunycodeMask mask(href.view(), value.view()); mask) {
    ParsedUrl masked = ada::parse<ada::url_aggregator>(mask.Hide(href.view()));
    if (masked && SetPart(*masked, action, mask.Hide(value.view())) &&
        !PunycodeMask::HasEncodedLabel(masked->get_hostname()))
      return ReturnUrl(env, args, *masked, mask.Reveal(masked->get_href()));
    if (masked) return args.GetReturnValue().Set(false);
  }
  if (!url) return ThrowInvalidUrl(env, args[0]);
  args.GetReturnValue().Set(false);
}

// format(href, hash, unicode, search, auth): the href without the parts that are false.
void Format(Env& env, const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env, 0);
  Utf8Text href(env, args[0].As<v8::String>());
  PunycodeMask mask(href.view());
  auto url = ada::parse<ada::url>(mask ? mask.Hide(href.view()) : href.view());
  if (!url) return ThrowInvalidUrl(env, args[0]);
  if (mask && url->host) url->host = mask.Reveal(*url->host);
  if (!args[1]->IsTrue()) url->hash = std::nullopt;
  if (args[2]->IsTrue() && url->has_hostname()) url->host = LenientToUnicode(url->get_hostname());
  if (!args[3]->IsTrue()) url->query = std::nullopt;
  if (!args[4]->IsTrue()) {
    url->username = "";
    url->password = "";
  }
  args.GetReturnValue().Set(env.Str(mask ? mask.Reveal(url->get_href()) : url->get_href()));
}

Result<v8::Local<v8::Value>> GetOrigin(Env& env, std::string input) {
  if (auto url = ada::parse<ada::url_aggregator>(input)) return AsciiString(env, url->get_origin());
  if (PunycodeMask mask(input); mask) {
    ParsedUrl url = ada::parse<ada::url_aggregator>(mask.Hide(input));
    if (url && !PunycodeMask::HasEncodedLabel(url->get_hostname()))
      return AsciiString(env, mask.Reveal(url->get_origin()));
  }
  return Error::Type("ERR_INVALID_URL", "Invalid URL");
}

// The host as a special URL would have it; empty if it is not valid.
std::string Hostname(const std::string& domain) {
  auto url = ada::parse<ada::url>("ws://x");
  if (domain.empty()) return {};
  if (url->set_hostname(domain)) return url->get_hostname();
  PunycodeMask mask(domain);
  if (!mask || !url->set_hostname(mask.Hide(domain)) ||
      PunycodeMask::HasEncodedLabel(url->get_hostname()))
    return {};
  return mask.Reveal(url->get_hostname());
}
std::string DomainToAscii(Env&, std::string domain) { return Hostname(domain); }
std::string DomainToUnicode(Env&, std::string domain) { return LenientToUnicode(Hostname(domain)); }

// Characters of a path that a URL would interpret or remove.
bool IsUnsafe(char c, bool windows) {
  switch (c) {
    case '\0':
    case '\t':
    case '\n':
    case '\r':
    case ' ':
    case '"':
    case '#':
    case '%':
    case '?':
    case '[':
    case ']':
    case '^':
    case '|':
    case '~':
      return true;
    case '\\':
      return !windows;
    default:
      return false;
  }
}

// pathToFileURL(path, windows[, hostname])
void PathToFileUrl(Env& env, const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env, 0);
  bool windows = args[1]->IsTrue();
  std::string href = "file://";
  Utf8Text path(env, args[0].As<v8::String>());
  for (char c : path.view()) {
    if (IsUnsafe(c, windows)) {
      static constexpr char kDigits[] = "0123456789ABCDEF";
      href += {'%', kDigits[uint8_t(c) >> 4], kDigits[c & 15]};
    } else {
      href += windows && c == '\\' ? '/' : c;
    }
  }
  auto url = ada::parse<ada::url_aggregator>(href);
  if (!url) return ThrowInvalidUrl(env, args[0]);
  if (windows && args[2]->IsString() &&
      !url->set_hostname(Utf8Text(env, args[2].As<v8::String>()).view()))
    return ThrowInvalidUrl(env, args[0]);
  ReturnUrl(env, args, *url);
}

constexpr Entry kFunctions[] = {
    MethodNoSideEffect<DomainToAscii>("domainToASCII"),
    MethodNoSideEffect<DomainToUnicode>("domainToUnicode"),
    MethodNoSideEffect<Format>("format"),
    MethodNoSideEffect<GetOrigin>("getOrigin"),
    Method<Parse>("parse"),
    Method<PathToFileUrl>("pathToFileURL"),
    Method<Update>("update"),
    {"canParse", Thunk<CanParse>::Call,
     +[]() -> const v8::CFunction& {
       static const v8::CFunction function = v8::CFunction::Make(FastCanParse);
       return function;
     },
     true},
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "urlComponents", env.State<UrlState>().components.js());
}

}  // namespace

extern const Binding kUrlBinding;
const Binding kUrlBinding = {.name = "url", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
