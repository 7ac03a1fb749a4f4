// V8 compares the flags with those of the process that has made a code cache. The snapshot builder has
// others, such as a fixed hash seed, which make no difference to code; so V8 is told what it
// expects, by the linker's --wrap of the function that it asks.
#include "runtime-stub/library/module_code.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/library/library.h"
#include "runtime-stub/payload/bundled_modules.h"
#include "runtime-stub/payload/module_code.h"

namespace kiln::runtime {

namespace {

using v8::ScriptCompiler;

// In V8's header of a code cache.
constexpr size_t kFlagHash = 3 * sizeof(uint32_t);
thread_local uint32_t t_accepted_flags = 0;  // 0: V8's own

// More is not compiled in advance: the executable would grow by more than the text.
constexpr size_t kMostText = 8 << 20;

// A CommonJS module is the body of a function, compiled as bindings/contextify/compile.cc does.
std::unique_ptr<ScriptCompiler::CachedData> Compile(v8::Local<v8::Context> context, uint32_t number,
                                                    const bundled::Module& module) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::HandleScope handles(isolate);
  v8::TryCatch caught(isolate);  // an error is thrown when the module is loaded
  auto name = [&](std::string_view text) {
    return v8::String::NewFromUtf8(isolate, text.data(), v8::NewStringType::kInternalized,
                                   int(text.size()))
        .ToLocalChecked();
  };
  const bool is_module = module.kind == bundled::ModuleKind::kEsm;
  v8::ScriptOrigin origin(name(module.path), 0, 0, true, -1, {}, false, false, is_module);
  ScriptCompiler::Source source(ModuleSourceString(isolate, number), origin);
  std::unique_ptr<ScriptCompiler::CachedData> code;
  if (is_module) {
    v8::Local<v8::Module> compiled;
    if (ScriptCompiler::CompileModule(isolate, &source, ScriptCompiler::kEagerCompile)
            .ToLocal(&compiled))
      code.reset(ScriptCompiler::CreateCodeCache(compiled->GetUnboundModuleScript()));
  } else {
    v8::Local<v8::String> parameters[] = {name("exports"), name("require"), name("module"),
                                          name("__filename"), name("__dirname")};
    v8::Local<v8::Function> compiled;
    if (ScriptCompiler::CompileFunction(context, &source, std::size(parameters), parameters, 0,
                                        nullptr, ScriptCompiler::kEagerCompile)
            .ToLocal(&compiled))
      code.reset(ScriptCompiler::CreateCodeCacheForFunction(compiled));
  }
  return code;
}

using Numbers = std::vector<uint32_t>;
using Codes = std::map<uint32_t, std::string>;

Numbers Wanted() {
  Numbers numbers;
  size_t text = 0;
  for (uint32_t number = 0; number < bundled::Count(); number++) {
    const bundled::Module module = bundled::At(number);
    if (module.Has(format::kAtStart) || module.source.empty() ||
        (module.kind != bundled::ModuleKind::kCommonJs && module.kind != bundled::ModuleKind::kEsm))
      continue;
    text += module.source.size();
    if (text > kMostText) break;
    numbers.push_back(number);
  }
  return numbers;
}

Codes CompileHere(v8::Local<v8::Context> context, const Numbers& numbers) {
  Codes codes;
  for (uint32_t number : numbers)
    if (auto code = Compile(context, number, bundled::At(number)))
      codes[number].assign(reinterpret_cast<const char*>(code->data), size_t(code->length));
  return codes;
}

// In a copy of this process, which writes them to the pipe: for each module its number and the size of its code.
[[noreturn]] void CompileInto(int pipe, v8::Local<v8::Context> context, const Numbers& numbers) {
  std::string text;
  for (const auto& [number, code] : CompileHere(context, numbers)) {
    const uint32_t header[] = {number, uint32_t(code.size())};
    text.append(reinterpret_cast<const char*>(header), sizeof header).append(code);
  }
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t size = write(pipe, rest.data(), rest.size());
    if (size > 0) rest.remove_prefix(size_t(size));
    if (size < 0 && errno != EINTR) _exit(1);
  }
  _exit(0);
}

// What such a copy has written; nothing if it has failed.
std::optional<Codes> ReadCodes(int pipe, pid_t pid) {
  std::string text;
  std::vector<char> buffer(1 << 16);
  for (ssize_t size = 1; size > 0 || (size < 0 && errno == EINTR);) {
    size = read(pipe, buffer.data(), buffer.size());
    if (size > 0) text.append(buffer.data(), size_t(size));
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  Codes codes;
  for (std::string_view rest = text; !rest.empty();) {
    uint32_t header[2];
    if (rest.size() < sizeof header) return std::nullopt;
    std::memcpy(header, rest.data(), sizeof header);
    rest.remove_prefix(sizeof header);
    if (rest.size() < header[1]) return std::nullopt;
    codes[header[0]] = rest.substr(0, header[1]);
    rest.remove_prefix(header[1]);
  }
  return codes;
}

// The shares do not depend on the number of processors, so the same app has the same bytes everywhere.
Codes CompileAll(v8::Local<v8::Context> context, const Numbers& numbers) {
  constexpr size_t kSmallText = 256 << 10;
  std::array<Numbers, 2> shares;
  std::array<size_t, 2> sizes = {};
  for (uint32_t number : numbers) {
    const size_t share = sizes[1] < sizes[0] ? 1 : 0;
    shares[share].push_back(number);
    sizes[share] += bundled::At(number).source.size();
  }
  int ends[2];
  if (sizes[0] + sizes[1] < kSmallText || pipe2(ends, O_CLOEXEC) != 0)
    return CompileHere(context, numbers);
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    CompileInto(ends[1], context, shares[1]);
  }
  close(ends[1]);
  Codes codes = CompileHere(context, shares[0]);
  std::optional<Codes> others;
  if (pid > 0) others = ReadCodes(ends[0], pid);
  close(ends[0]);
  if (!others) others = CompileHere(context, shares[1]);
  codes.merge(*others);
  return codes;
}

}  // namespace

BundledCode::BundledCode(v8::Local<v8::String> source) {
  constexpr std::string_view kModule = "module ";
  const std::string name = SourceNameOf(source);
  uint32_t number = 0;
  if (!name.starts_with(kModule) ||
      std::from_chars(name.data() + kModule.size(), name.data() + name.size(), number).ec !=
          std::errc())
    return;
  code_ = ModuleCode(number);
  if (code_.size() < kFlagHash + sizeof t_accepted_flags) code_ = {};
  if (!code_.empty())
    std::memcpy(&t_accepted_flags, code_.data() + kFlagHash, sizeof t_accepted_flags);
}

BundledCode::~BundledCode() { t_accepted_flags = 0; }

ScriptCompiler::CachedData* BundledCode::Take() const {
  if (code_.empty()) return nullptr;
  return new ScriptCompiler::CachedData(code_.data(), int(code_.size()));
}

std::string MakeModuleCode(v8::Local<v8::Context> context, size_t blob_size) {
  v8::Context::Scope entered(context);
  std::string out;
  std::vector<format::CodeEntry> entries;
  auto align = [&] { out.resize((blob_size + out.size() + 15) / 16 * 16 - blob_size); };
  for (const auto& [number, code] : CompileAll(context, Wanted())) {
    align();
    entries.push_back({number, uint32_t(code.size()), blob_size + out.size()});
    out.append(code);
  }
  if (entries.empty()) return "";
  align();
  format::CodeTrailer trailer = {
      .magic = {}, .count = uint32_t(entries.size()), .zero = 0, .entries = blob_size + out.size()};
  std::memcpy(trailer.magic, format::kCodeMagic, sizeof trailer.magic);
  out.append(reinterpret_cast<const char*>(entries.data()),
             entries.size() * sizeof(format::CodeEntry));
  out.append(reinterpret_cast<const char*>(&trailer), sizeof trailer);
  return out;
}

}  // namespace kiln::runtime

// static uint32_t FlagList::Hash()
extern "C" uint32_t __real__ZN2v88internal8FlagList4HashEv();
extern "C" uint32_t __wrap__ZN2v88internal8FlagList4HashEv();
uint32_t __wrap__ZN2v88internal8FlagList4HashEv() {
  const uint32_t accepted = kiln::runtime::t_accepted_flags;
  return accepted != 0 ? accepted : __real__ZN2v88internal8FlagList4HashEv();
}
