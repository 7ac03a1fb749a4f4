// Formats as the services publish them. What is too short, or consists of few different characters,
// is a placeholder: "ghp_xxxxxxxx".
#include "secrets/key_forms.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace kiln {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLetter(char c) { return IsUpper(c) || (c >= 'a' && c <= 'z'); }
bool IsAlnum(char c) { return IsDigit(c) || IsLetter(c); }
bool IsWord(char c) { return IsAlnum(c) || c == '_'; }
bool IsUrlSafe(char c) { return IsWord(c) || c == '-'; }
bool IsBase64(char c) { return IsAlnum(c) || c == '+' || c == '/'; }
bool IsToken(char c) { return IsUrlSafe(c) || c == '.' || c == '~' || c == '+' || c == '/'; }

size_t RunEnd(std::string_view text, size_t at, bool (*in)(char)) {
  while (at < text.size() && in(text[at])) at++;
  return at;
}

bool BeginsWord(std::string_view text, size_t at) { return at == 0 || !IsWord(text[at - 1]); }

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Random text of 16 characters has at least 8 different ones nearly always.
bool IsPlaceholder(std::string_view text) {
  std::bitset<256> seen;
  for (char c : text) seen.set(static_cast<unsigned char>(c));
  if (seen.count() < std::min<size_t>(7, text.size())) return true;
  std::string lower(text);
  for (char& c : lower) c = IsUpper(c) ? char(c | 0x20) : c;
  constexpr std::array kWords = {"example", "your", "xxxx", "placeholder", "...", "redacted"};
  return std::ranges::any_of(kWords, [&](const char* word) { return Contains(lower, word); });
}

// The marker, then at least `least` characters of a class; of those at most `most`.
std::optional<KeyRange> Token(std::string_view text, size_t at, size_t marker, bool (*in)(char),
                              size_t least, size_t most = kKeyReachBehind) {
  if (!BeginsWord(text, at)) return {};
  size_t end = RunEnd(text, at + marker, in);
  end = std::min(end, at + marker + most);
  if (end - at - marker < least || IsPlaceholder(text.substr(at + marker, end - at - marker)))
    return {};
  return KeyRange{at, end};
}

std::optional<KeyRange> AwsKey(std::string_view text, size_t at) {
  auto is_key = [](char c) { return IsUpper(c) || IsDigit(c); };
  auto key = Token(text, at, 4, is_key, 16);
  return key && key->end == at + 20 ? key : std::nullopt;
}

std::optional<KeyRange> GithubToken(std::string_view text, size_t at) {
  return Token(text, at, 4, IsAlnum, 36, 36);
}

std::optional<KeyRange> GithubFineToken(std::string_view text, size_t at) {
  return Token(text, at, 11, IsWord, 36, 82);
}

std::optional<KeyRange> GitlabToken(std::string_view text, size_t at) {
  return Token(text, at, 6, IsUrlSafe, 20);
}

std::optional<KeyRange> SlackToken(std::string_view text, size_t at) {
  auto key = Token(text, at, 5, IsUrlSafe, 16);
  return key && std::ranges::any_of(text.substr(at, key->end - at), IsDigit) ? key : std::nullopt;
}

std::optional<KeyRange> StripeKey(std::string_view text, size_t at) {
  return Token(text, at, 8, IsAlnum, 16);
}

std::optional<KeyRange> NpmToken(std::string_view text, size_t at) {
  return Token(text, at, 4, IsAlnum, 36, 36);
}

std::optional<KeyRange> GoogleKey(std::string_view text, size_t at) {
  return Token(text, at, 4, IsUrlSafe, 35, 35);
}

// The bytes of a text in either alphabet of base64, up to the first other character.
std::string FromBase64(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    int value = IsUpper(c)             ? c - 'A'
                : IsLetter(c)          ? c - 'a' + 26
                : IsDigit(c)           ? c - '0' + 52
                : c == '+' || c == '-' ? 62
                : c == '/' || c == '_' ? 63
                                       : -1;
    if (value < 0) break;
    bits = bits << 6 | uint32_t(value);
    if ((count += 6) < 8) continue;
    out += char(bits >> (count -= 8) & 0xFF);
  }
  return out;
}

// Two or three parts; the first one is a JSON object with an algorithm or a type.
std::optional<KeyRange> Jwt(std::string_view text, size_t at) {
  if (!BeginsWord(text, at) || (at > 0 && text[at - 1] == '.')) return {};
  size_t header_end = RunEnd(text, at, IsUrlSafe);
  if (header_end >= text.size() || text[header_end] != '.') return {};
  std::string header = FromBase64(text.substr(at, header_end - at));
  if (!Contains(header, "\"alg\"") && !Contains(header, "\"typ\"")) return {};
  size_t payload_end = RunEnd(text, header_end + 1, IsUrlSafe);
  std::string payload = FromBase64(text.substr(header_end + 1, payload_end - header_end - 1));
  if (payload.size() < 2 || payload[0] != '{') return {};
  if (payload_end >= text.size() || text[payload_end] != '.') return KeyRange{at, payload_end};
  return KeyRange{at, RunEnd(text, payload_end + 1, IsUrlSafe)};
}

// Names that documentation has in place of passwords, and what is filled in later.
bool IsKnownPassword(std::string_view user, std::string_view password) {
  constexpr std::array<std::string_view, 14> kKnown = {
      "password", "pass",  "passwd", "pwd", "pw",   "secret", "user",
      "username", "token", "p",      "b",   "test", "PASS",   "PASSWORD"};
  if (password == user || std::ranges::find(kKnown, password) != kKnown.end()) return true;
  return password.find_first_of("${}<>*%[]()") == 0 || password.ends_with("}") ||
         Contains(password, "${") || Contains(password, "xxxx");
}

// "Basic " and what is base64 of "user:password".
std::optional<KeyRange> BasicAuthorization(std::string_view text, size_t at) {
  if (!BeginsWord(text, at)) return {};
  size_t begin = at + 6, end = RunEnd(text, begin, IsBase64);
  if (end - begin < 8) return {};
  std::string pair = FromBase64(text.substr(begin, end - begin));
  size_t colon = pair.find(':');
  if (colon == std::string::npos || colon + 1 == pair.size()) return {};
  if (IsKnownPassword(pair.substr(0, colon), pair.substr(colon + 1))) return {};
  auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!std::ranges::all_of(pair, is_printable)) return {};
  return KeyRange{at, end};
}

// "Bearer " and at least 16 characters with a digit.
std::optional<KeyRange> BearerAuthorization(std::string_view text, size_t at) {
  auto key = Token(text, at, 7, IsToken, 16);
  if (!key) return {};
  std::string_view token = text.substr(at + 7, key->end - at - 7);
  bool random = std::ranges::any_of(token, IsDigit) && std::ranges::any_of(token, IsLetter);
  return random ? key : std::nullopt;
}

// "-----BEGIN … PRIVATE KEY-----" with a body, of which the range has the first line. The line
// breaks may be escaped.
std::optional<KeyRange> PrivateKey(std::string_view text, size_t at) {
  constexpr std::string_view kEnd = "PRIVATE KEY-----", kLegacyEnd = "PRIVATE KEY BLOCK-----";
  std::string_view rest = text.substr(at, 80);
  size_t header = rest.find(kEnd), size = kEnd.size();
  if (header == std::string_view::npos) {
    header = rest.find(kLegacyEnd);
    size = kLegacyEnd.size();
  }
  if (header == std::string_view::npos) return {};
  size_t body = at + header + size;
  // Between header and body there may be other lines ("Proc-Type: 4,ENCRYPTED"), quotes and signs.
  size_t limit = std::min(text.size(), body + 400);
  for (size_t i = body; i < limit;) {
    if (text[i] == '\\' && i + 1 < limit) {  // \n
      i += 2;
      continue;
    }
    if (text.substr(i).starts_with("-----END")) return {};
    size_t end = RunEnd(text, i, IsBase64);
    if (end - i >= 24 && !IsPlaceholder(text.substr(i, end - i))) return KeyRange{at, end};
    i = std::max(end, i + 1);
  }
  return {};
}

// scheme://user:password@host
std::optional<KeyRange> UrlPassword(std::string_view text, size_t at) {
  size_t colon = at + 1;  // of "://", after the last character of the scheme
  size_t scheme = colon;
  auto is_scheme = [](char c) { return IsAlnum(c) || c == '+' || c == '.' || c == '-'; };
  while (scheme > 0 && colon - scheme < 32 && is_scheme(text[scheme - 1])) scheme--;
  if (colon - scheme < 2) return {};
  size_t begin = colon + 3;
  auto in_authority = [](char c) {
    return c > ' ' && c <= '~' && std::string_view("/?#\"'`<>\\,;|()").find(c) == std::string::npos;
  };
  size_t end = RunEnd(text, begin, in_authority);
  std::string_view authority = text.substr(begin, end - begin);
  size_t sign = authority.rfind('@'), pair = authority.find(':');
  if (sign == std::string_view::npos || pair >= sign || pair + 1 == sign) return {};
  if (sign + 1 == authority.size() || !IsAlnum(authority[sign + 1])) return {};
  if (authority.substr(sign + 1).starts_with("example.")) return {};
  if (IsKnownPassword(authority.substr(0, pair), authority.substr(pair + 1, sign - pair - 1)))
    return {};
  return KeyRange{scheme, end};
}

constexpr std::string_view kPrivateKey = "private-key", kAws = "aws-key", kGithub = "github-token",
                           kGitlab = "gitlab-token", kSlack = "slack-token", kStripe = "stripe-key",
                           kNpm = "npm-token", kGoogle = "google-key", kJwt = "jwt",
                           kAuthorization = "authorization", kUrl = "url-password";

// A view of text that lives until the process ends.
std::string_view Kept(std::string text) {
  static std::deque<std::string> texts;
  return texts.emplace_back(std::move(text));
}

}  // namespace

std::span<const KeyKind> KeyKinds() {
  static constexpr KeyKind kKinds[] = {
      {kPrivateKey, "a private key"},  {kAws, "an access key for AWS"},
      {kGithub, "a token for GitHub"}, {kGitlab, "a token for GitLab"},
      {kSlack, "a token for Slack"},   {kStripe, "a key for Stripe"},
      {kNpm, "a token for npm"},       {kGoogle, "a key for Google's services"},
      {kJwt, "a JSON Web Token"},      {kAuthorization, "the value of an Authorization header"},
      {kUrl, "a URL with a password"},
  };
  return kKinds;
}

std::span<const KeyForm> KeyForms() {
  static const std::vector<KeyForm> forms = [] {
    std::vector<KeyForm> out = {
        {kPrivateKey, "-----BEGIN ", 5, PrivateKey},
        {kAws, "AKIA", 0, AwsKey},
        {kAws, "ASIA", 0, AwsKey},
        {kGithub, "ghp_", 0, GithubToken},
        {kGithub, "gho_", 0, GithubToken},
        {kGithub, "ghs_", 0, GithubToken},
        {kGithub, "ghu_", 0, GithubToken},
        {kGithub, "ghr_", 0, GithubToken},
        {kGithub, "github_pat_", 5, GithubFineToken},
        {kGitlab, "glpat-", 0, GitlabToken},
        {kSlack, "xoxa-", 0, SlackToken},
        {kSlack, "xoxb-", 0, SlackToken},
        {kSlack, "xoxp-", 0, SlackToken},
        {kSlack, "xoxr-", 0, SlackToken},
        {kSlack, "xoxs-", 0, SlackToken},
        {kStripe, "sk_live_", 2, StripeKey},
        {kStripe, "rk_live_", 2, StripeKey},
        {kNpm, "npm_", 0, NpmToken},
        {kGoogle, "AIza", 0, GoogleKey},
        {kAuthorization, "Basic ", 2, BasicAuthorization},
        {kAuthorization, "Bearer ", 0, BearerAuthorization},
    };
    // The base64 of `{"` and a lower-case letter, with which a JWT begins, is eyJ and one of these.
    for (const char* c = "hijklmnopqrstuvwxyz0123456"; *c; ++c)
      out.push_back({kJwt, Kept(std::string("eyJ") + *c), 0, Jwt});
    for (const char* c = "abcdefghijklmnopqrstuvwxyz0123456789"; *c; ++c)
      out.push_back({kUrl, Kept(*c + std::string("://")), 0, UrlPassword});
    return out;
  }();
  return forms;
}

}  // namespace kiln
