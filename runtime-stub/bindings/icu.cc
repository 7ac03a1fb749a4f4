// internalBinding("icu"): the legacy encodings of TextDecoder, buffer.transcode, and the display
// width of text in a terminal. It uses the ICU that is part of V8's archive.
#include "runtime-stub/platform/icu.h"

#include <algorithm>
#include <vector>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/platform/simdutf.h"

namespace kiln::runtime {
namespace {

// ---------------------------------------------------------------- converters

enum ConverterFlag { kFlush = 1, kFatal = 2, kIgnoreBom = 4 };

// Writes U+FFFD for each invalid character. (ICU's own replacement depends on the encoding.)
void Replace(const void*, icu::ToUnicodeArgs* args, const char*, int32_t, int reason,
             UErrorCode* error) {
  if (reason > icu::kIrregular) return;  // reset, close or clone of the converter
  *error = 0;
  UChar replacement = 0xFFFD;
  ucnv_cbToUWriteUChars_77(args, &replacement, 1, 0, error);
}

// A decoder from one encoding to UTF-16.
class Converter final : public Wrapped {
 public:
  Converter(Env& env, UConverter* converter, int flags)
      : Wrapped(env), converter_(converter), flags_(flags) {
    min_char_size_ = size_t(ucnv_getMinCharSize_77(converter));
    int type = ucnv_getType_77(converter);
    unicode_ = type == icu::kUtf8Converter || type == icu::kUtf16BigEndian ||
               type == icu::kUtf16LittleEndian;
  }
  ~Converter() override { ucnv_close_77(converter_); }
  const char* type_name() const override { return "Converter"; }

  // False if the bytes are not valid and the converter is strict.
  bool Decode(std::string_view bytes, bool flush, std::u16string* out);

 private:
  UConverter* converter_;
  int flags_;
  size_t min_char_size_;
  bool unicode_;
  bool bom_seen_ = false;
};

constexpr ClassEntry kConverterClass = {.name = "Converter"};

bool Converter::Decode(std::string_view bytes, bool flush, std::u16string* out) {
  UErrorCode status = 0;
  size_t pending = flush ? size_t(std::max(0, ucnv_toUCountPending_77(converter_, &status))) : 0;
  // The maximum size of the output for a character in any of the encodings.
  out->resize(2 * min_char_size_ * (std::max(bytes.size(), pending) + 4));
  status = 0;
  UChar* to = out->data();
  const char* from = bytes.data();
  ucnv_toUnicode_77(converter_, &to, out->data() + out->size(), &from, bytes.data() + bytes.size(),
                    nullptr, flush, &status);
  bool ok = !icu::Failed(status);
  if (ok) {
    out->resize(size_t(to - out->data()));
    if (!out->empty() && unicode_ && !(flags_ & kIgnoreBom) && !bom_seen_) {
      if (out->front() == 0xFEFF) out->erase(0, 1);
      bom_seen_ = true;
    }
  }
  if (flush) {
    bom_seen_ = false;
    ucnv_reset_77(converter_);
  }
  return ok;
}

// Returns undefined for an encoding that ICU does not have.
v8::Local<v8::Value> GetConverter(Env& env, std::string name, int32_t flags) {
  UErrorCode status = 0;
  UConverter* converter = ucnv_open_77(name.c_str(), &status);
  if (icu::Failed(status)) return env.Undefined();
  status = 0;
  ucnv_setToUCallBack_77(converter, flags & kFatal ? UCNV_TO_U_CALLBACK_STOP_77 : Replace, nullptr,
                         nullptr, nullptr, &status);
  return NewWrapped<Converter>(env, kConverterClass, converter, flags)->object();
}

bool HasConverter(Env&, std::string name) {
  UErrorCode status = 0;
  UConverter* converter = ucnv_open_77(name.c_str(), &status);
  if (icu::Failed(status)) return false;
  ucnv_close_77(converter);
  return true;
}

// decode(converter, bytes, flags, encoding)
void Decode(Env& env, const Args& args) {
  auto* converter = UnwrapArgument<Converter>(env, kConverterClass, args[0]);
  if (!converter) return ThrowBadArgument(env, 0);
  ReadBytes bytes(args[1]);
  if (!bytes.ok())
    return Error::Type("ERR_INVALID_ARG_TYPE",
                       "The \"input\" argument must be an instance of SharedArrayBuffer, "
                       "ArrayBuffer or ArrayBufferView.")
        .Throw(env);
  bool flush = args[2]->IsInt32() && (args[2].As<v8::Int32>()->Value() & kFlush);
  std::u16string text;
  if (!converter->Decode(bytes.view(), flush, &text))
    return Error::Type(
               "ERR_ENCODING_INVALID_ENCODED_DATA",
               "The encoded data was not valid for encoding " + ToUtf8(env.isolate, args[3]))
        .Throw(env);
  v8::Local<v8::Value> string;
  if (EncodeString(env, text.data(), text.size() * 2, Encoding::kUcs2).ToLocal(&string))
    args.GetReturnValue().Set(string);
}

// ---------------------------------------------------------------- transcode

bool CanTranscode(Encoding e) {
  return e == Encoding::kAscii || e == Encoding::kLatin1 || e == Encoding::kUcs2 ||
         e == Encoding::kUtf8;
}

// The text as UTF-16. In ASCII, bytes above 0x7F are invalid; invalid characters become U+FFFD.
std::u16string ReadAs(Encoding e, std::string_view bytes) {
  std::u16string text;
  switch (e) {
    case Encoding::kAscii:
      for (char c : bytes) text += c & 0x80 ? u'\uFFFD' : char16_t(c);
      break;
    case Encoding::kLatin1:
      for (char c : bytes) text += char16_t(uint8_t(c));
      break;
    case Encoding::kUcs2:
      for (size_t i = 0; i + 1 < bytes.size(); i += 2)
        text += char16_t(uint8_t(bytes[i]) | uint8_t(bytes[i + 1]) << 8);
      break;
    default:
      break;
  }
  return text;
}

// Decoded by V8, which decodes UTF-8 as browsers do.
std::u16string ReadUtf8(Env& env, std::string_view bytes) {
  v8::Local<v8::Value> value;
  std::u16string text;
  if (!EncodeString(env, bytes, Encoding::kUtf8).ToLocal(&value)) return text;
  auto string = value.As<v8::String>();
  text.resize(size_t(string->Length()));
  string->WriteV2(env.isolate, 0, uint32_t(text.size()), reinterpret_cast<uint16_t*>(text.data()));
  return text;
}

// Lone surrogates become U+FFFD.
void MakeWellFormed(std::u16string* text) {
  for (size_t i = 0; i < text->size(); i++) {
    char16_t c = (*text)[i];
    if ((c & 0xF800) != 0xD800) continue;
    if ((c & 0xFC00) == 0xD800 && i + 1 < text->size() && ((*text)[i + 1] & 0xFC00) == 0xDC00)
      i++;
    else
      (*text)[i] = u'\uFFFD';
  }
}

// Characters that the target encoding does not have become "?", one for a surrogate pair.
std::string WriteAs(Encoding e, const std::u16string& text) {
  std::string out;
  switch (e) {
    case Encoding::kUcs2:
      out.assign(reinterpret_cast<const char*>(text.data()), text.size() * 2);
      break;
    case Encoding::kUtf8:
      out.resize(text.size() * 3);
      out.resize(simdutf::convert_utf16le_to_utf8(text.data(), text.size(), out.data()));
      break;
    default: {
      char16_t limit = e == Encoding::kAscii ? 0x7F : 0xFF;
      for (char16_t c : text)
        if ((c & 0xFC00) != 0xDC00) out += c > limit ? '?' : char(c);
    }
  }
  return out;
}

// transcode(bytes, from, to): a Buffer, or an ICU error code.
void Transcode(Env& env, const Args& args) {
  ReadBytes bytes(args[0]);
  if (!bytes.ok()) return ThrowBadArgument(env, 0);
  Encoding from = ParseEncoding(env, args[1], Encoding::kBuffer);
  Encoding to = ParseEncoding(env, args[2], Encoding::kBuffer);
  if (!CanTranscode(from) || !CanTranscode(to))
    return args.GetReturnValue().Set(icu::kIllegalArgument);
  std::u16string text;
  if (from == Encoding::kUtf8) {
    if (to == Encoding::kUcs2 && !simdutf::validate_utf8(bytes.view().data(), bytes.size()))
      return args.GetReturnValue().Set(icu::kInvalidChar);
    text = ReadUtf8(env, bytes.view());
  } else {
    // Between one-byte encodings and UTF-16, ASCII is treated as Latin-1.
    text = ReadAs(to == Encoding::kUcs2 && from == Encoding::kAscii ? Encoding::kLatin1 : from,
                  bytes.view());
  }
  if (from == Encoding::kUcs2 && to == Encoding::kUtf8 &&
      (text.empty() || !simdutf::validate_utf16le(text.data(), text.size())))
    return args.GetReturnValue().Set(icu::kInvalidChar);
  // Half a unit at the end is another invalid character, or part of the preceding one.
  if (from == Encoding::kUcs2 && to == Encoding::kUcs2 && bytes.size() % 2 == 1 &&
      (text.empty() || (text.back() & 0xFC00) != 0xD800))
    text += u'\uFFFD';
  MakeWellFormed(&text);
  args.GetReturnValue().Set(NewBuffer(env, WriteAs(to, text)));
}

std::string IcuErrName(Env&, int32_t code) { return u_errorName_77(code); }

// ---------------------------------------------------------------- width

int ColumnWidth(int32_t c, bool ambiguous_is_wide) {
  switch (u_getIntPropertyValue_77(c, icu::kEastAsianWidth)) {
    case icu::kFullwidth:
    case icu::kWide:
      return 2;
    case icu::kAmbiguous:
      if (ambiguous_is_wide) return 2;
      break;
    case icu::kNeutral:
      if (u_hasBinaryProperty_77(c, icu::kEmojiPresentation)) return 2;
      break;
    default:
      break;
  }
  constexpr uint32_t kZeroWidth =
      icu::kControlChar | icu::kFormatChar | icu::kEnclosingMark | icu::kNonSpacingMark;
  if (c != 0xAD &&  // a soft hyphen is a format character, but has a column
      ((1u << u_charType_77(c)) & kZeroWidth || u_hasBinaryProperty_77(c, icu::kEmojiModifier)))
    return 0;
  return 1;
}

// getStringWidth(string, ambiguousAsFullWidth = false, expandEmojiSequence = true)
void GetStringWidth(Env& env, const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env, 0);
  bool ambiguous_is_wide = args[1]->IsTrue();
  bool expand = !args[2]->IsFalse();
  auto string = args[0].As<v8::String>();
  std::u16string text(size_t(string->Length()), u'\0');
  string->WriteV2(env.isolate, 0, uint32_t(text.size()), reinterpret_cast<uint16_t*>(text.data()));
  double width = 0;
  int32_t c = 0;
  for (size_t i = 0; i < text.size();) {
    int32_t previous = c;
    c = text[i++];
    if ((c & 0xFC00) == 0xD800 && i < text.size() && (text[i] & 0xFC00) == 0xDC00)
      c = 0x10000 + ((c & 0x3FF) << 10) + (text[i++] & 0x3FF);
    // An emoji that a joiner connects to the preceding one adds no width.
    if (!expand && previous == 0x200D &&
        (u_hasBinaryProperty_77(c, icu::kEmojiPresentation) ||
         u_hasBinaryProperty_77(c, icu::kEmojiModifier)))
      continue;
    width += ColumnWidth(c, ambiguous_is_wide);
  }
  args.GetReturnValue().Set(width);
}

constexpr Entry kFunctions[] = {
    MethodNoSideEffect<GetStringWidth>("getStringWidth"),
    MethodNoSideEffect<IcuErrName>("icuErrName"),
    MethodNoSideEffect<Transcode>("transcode"),
    Method<GetConverter>("getConverter"),
    Method<Decode>("decode"),
    MethodNoSideEffect<HasConverter>("hasConverter"),
};
constexpr const ClassEntry* kHidden[] = {&kConverterClass};

}  // namespace

extern const Binding kIcuBinding;
const Binding kIcuBinding = {.name = "icu", .functions = kFunctions, .hidden_classes = kHidden};

}  // namespace kiln::runtime
