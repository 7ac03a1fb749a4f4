// Compiling functions: vm.compileFunction, the CommonJS wrapper of the module loader, and the
// detection of ES module syntax. A source is an ES module if V8 rejects it as CommonJS with a
// certain error message, or if it then compiles as an ES module.
#include <array>
#include <atomic>
#include <optional>

#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/bindings/compile_cache.h"
#include "runtime-stub/bindings/contextify/contextify.h"
#include "runtime-stub/bindings/file_url.h"
#include "runtime-stub/bindings/module_wrap.h"
#include "runtime-stub/exceptions/uncaught.h"
#include "runtime-stub/library/module_code.h"

namespace kiln::runtime {

using v8::Local;
using v8::ScriptCompiler;

// ------------------------------------------------------------------ shared with script.cc

Local<v8::PrimitiveArray> HostDefinedOptions(Env& env, Local<v8::Symbol> id) {
  Local<v8::PrimitiveArray> options = v8::PrimitiveArray::New(env.isolate, 1);
  options->Set(env.isolate, 0, id);
  return options;
}

v8::ScriptOrigin MakeOrigin(Env& env, Local<v8::Value> name, int line, int column,
                            Local<v8::Symbol> id, bool is_module) {
  return v8::ScriptOrigin(name, line, column, true, -1, {}, false, false, is_module,
                          HostDefinedOptions(env, id));
}

ScriptCompiler::CachedData* TakeCachedData(Local<v8::Value> buffer) {
  Bytes bytes;
  if (!buffer->IsArrayBufferView() || !GetBytes(buffer, &bytes)) return nullptr;
  // V8's size is an int. V8 cannot have produced a larger cache; it rejects an empty one like any
  // invalid cache.
  if (bytes.size > INT_MAX) bytes.size = 0;
  return new ScriptCompiler::CachedData(bytes.data, int(bytes.size),
                                        ScriptCompiler::CachedData::BufferNotOwned);
}

Local<v8::Value> CacheToBuffer(Env& env, std::unique_ptr<ScriptCompiler::CachedData> data) {
  return data ? NewBuffer(env, data->data, data->length) : NewBuffer(env, "", 0);
}

void StoreCacheResult(Env& env, Local<v8::Object> target, const ScriptCompiler::Source& source,
                      bool produce, std::unique_ptr<ScriptCompiler::CachedData> produced) {
  if (source.GetCachedData())
    env.Set(target, "cachedDataRejected",
            v8::Boolean::New(env.isolate, source.GetCachedData()->rejected));
  if (!produce || !produced) return;
  env.Set(target, "cachedData", CacheToBuffer(env, std::move(produced)));
  env.Set(target, "cachedDataProduced", v8::True(env.isolate));
}

void DecorateErrorStack(Env& env, Local<v8::Value> error, Local<v8::Message> message) {
  if (!error->IsObject()) return;
  Local<v8::Object> object = error.As<v8::Object>();
  Local<v8::Context> context = env.context();
  Local<v8::Private> decorated = env.Private("decorated_private_symbol");
  Local<v8::Value> value;
  if (object->GetPrivate(context, decorated).ToLocal(&value) && value->IsTrue()) return;
  AppendExceptionLine(env, error, message, false);
  v8::TryCatch ignored(env.isolate);
  Local<v8::Value> arrow, stack;
  if (!object->GetPrivate(context, env.Private("arrow_message_private_symbol")).ToLocal(&arrow) ||
      !arrow->IsString() || !object->Get(context, env.Name("stack")).ToLocal(&stack) ||
      !stack->IsString())
    return;
  Local<v8::String> text = v8::String::Concat(
      env.isolate, v8::String::Concat(env.isolate, arrow.As<v8::String>(), env.Name("\n")),
      stack.As<v8::String>());
  if (object->Set(context, env.Name("stack"), text).IsNothing()) return;
  (void)object->SetPrivate(context, decorated, v8::True(env.isolate));
}

// ------------------------------------------------------------------ vm.compileFunction

// compileFunction(code, filename, lineOffset, columnOffset, cachedData, produceCachedData,
//                 parsingContext, contextExtensions, params, hostDefinedOption)
void CompileFunction(Env& env, const Args& args) {
  for (int i : {0, 1})
    if (!args[i]->IsString()) return ThrowBadArgument(env, i);
  for (int i : {2, 3})
    if (!args[i]->IsInt32()) return ThrowBadArgument(env, i);
  if (!args[9]->IsSymbol()) return ThrowBadArgument(env, 9);
  Local<v8::Context> parsing_context = env.context();
  if (!args[6]->IsUndefined()) {
    ContextifyContext* context = ContextifyContext::FromHolder(env, args[6]);
    if (!context) return ThrowBadArgument(env, 6);
    parsing_context = context->context();
  }
  v8::LocalVector<v8::Object> extensions(env.isolate);
  v8::LocalVector<v8::String> params(env.isolate);
  auto each = [&](int index, auto take) {
    if (args[index]->IsUndefined()) return true;
    if (!args[index]->IsArray()) return false;
    Local<v8::Array> array = args[index].As<v8::Array>();
    for (uint32_t i = 0; i < array->Length(); i++) {
      Local<v8::Value> value;
      if (!array->Get(env.context(), i).ToLocal(&value) || !take(value)) return false;
    }
    return true;
  };
  if (!each(7, [&](Local<v8::Value> value) {
        if (value->IsObject()) extensions.push_back(value.As<v8::Object>());
        return value->IsObject();
      }))
    return ThrowBadArgument(env, 7);
  if (!each(8, [&](Local<v8::Value> value) {
        if (value->IsString()) params.push_back(value.As<v8::String>());
        return value->IsString();
      }))
    return ThrowBadArgument(env, 8);

  Local<v8::Symbol> id = args[9].As<v8::Symbol>();
  bool produce = args[5]->IsTrue();
  v8::ScriptOrigin origin = MakeOrigin(env, args[1], args[2].As<v8::Int32>()->Value(),
                                       args[3].As<v8::Int32>()->Value(), id, false);
  ScriptCompiler::Source source(args[0].As<v8::String>(), origin, TakeCachedData(args[4]));
  v8::Context::Scope entered(parsing_context);
  Local<v8::Function> function;
  {
    v8::TryCatch caught(env.isolate);
    if (!ScriptCompiler::CompileFunction(parsing_context, &source, params.size(), params.data(),
                                         extensions.size(), extensions.data(),
                                         source.GetCachedData() ? ScriptCompiler::kConsumeCodeCache
                                                                : ScriptCompiler::kNoCompileOptions)
             .ToLocal(&function)) {
      if (!caught.HasTerminated()) {
        DecorateErrorStack(env, caught.Exception(), caught.Message());
        caught.ReThrow();
      }
      return;
    }
  }
  if (function->SetPrivate(env.context(), env.Private("host_defined_option_symbol"), id)
          .IsNothing())
    return;
  Local<v8::Object> result = v8::Object::New(env.isolate);
  env.Set(result, "function", function);
  // The resource name is that of a sourceURL comment, if the source has one.
  env.Set(result, "sourceURL", function->GetScriptOrigin().ResourceName());
  env.Set(result, "sourceMapURL", function->GetScriptOrigin().SourceMapUrl());
  for (const char* name : {"cachedDataRejected", "cachedDataProduced", "cachedData"})
    env.Set(result, name, env.Undefined());
  std::unique_ptr<ScriptCompiler::CachedData> produced;
  if (produce) produced.reset(ScriptCompiler::CreateCodeCacheForFunction(function));
  StoreCacheResult(env, result, source, produce, std::move(produced));
  args.GetReturnValue().Set(result);
}

// ------------------------------------------------------------------ the CommonJS loader

namespace {

v8::MaybeLocal<v8::Function> CompileCommonJs(Env& env, Local<v8::String> code,
                                             Local<v8::String> filename, bool cjs_scope,
                                             bool* rejected) {
  v8::EscapableHandleScope scope(env.isolate);
  v8::ScriptOrigin origin =
      MakeOrigin(env, filename, 0, 0, env.Symbol("vm_dynamic_import_default_internal"), false);
  CompileCache& cache = env.State<CompileCache>();
  CompileCache::Entry* entry = cache.Find(code, filename, CachedCodeType::kCommonJs);
  std::optional<BundledCode> bundled;
  if (!entry && cjs_scope) bundled.emplace(code);
  ScriptCompiler::Source source(code, origin,
                                entry     ? entry->View()
                                : bundled ? bundled->Take()
                                          : nullptr);
  Local<v8::String> params[] = {env.Name("exports"), env.Name("require"), env.Name("module"),
                                env.Name("__filename"), env.Name("__dirname")};
  Local<v8::Function> function;
  if (!ScriptCompiler::CompileFunction(env.isolate->GetCurrentContext(), &source,
                                       cjs_scope ? std::size(params) : 0, params, 0, nullptr,
                                       source.GetCachedData() ? ScriptCompiler::kConsumeCodeCache
                                                              : ScriptCompiler::kNoCompileOptions)
           .ToLocal(&function))
    return {};
  *rejected = entry && source.GetCachedData() && source.GetCachedData()->rejected;
  if (entry) cache.Keep(entry, function, *rejected);
  return scope.Escape(function);
}

bool ContainsAny(std::string_view text, std::span<const std::string_view> patterns) {
  for (std::string_view pattern : patterns)
    if (text.find(pattern) != std::string_view::npos) return true;
  return false;
}

// Errors for syntax that is only valid in ES modules.
constexpr std::string_view kOnlyInModules[] = {
    "Cannot use import statement outside a module",
    "Unexpected token 'export'",
    "Cannot use 'import.meta' outside a module",
};
// Errors for code that is invalid in CommonJS but may be valid in a module: redeclaration of the
// wrapper's variables, and top-level await, which V8 reports in several ways (`f(await 1)`, `if
// (await 1)`).
constexpr std::string_view kMaybeInModules[] = {
    "Identifier 'module' has already been declared",
    "Identifier 'exports' has already been declared",
    "Identifier 'require' has already been declared",
    "Identifier '__filename' has already been declared",
    "Identifier '__dirname' has already been declared",
    "await is only valid in async functions and the top level bodies of modules",
    "missing ) after argument list",
    "SyntaxError: Unexpected",
};

bool IsValidAsModule(Env& env, Local<v8::String> message, Local<v8::String> code,
                     Local<v8::String> name) {
  std::string text = ToUtf8(env.isolate, message);
  if (ContainsAny(text, kOnlyInModules)) return true;
  if (!ContainsAny(text, kMaybeInModules)) return false;
  NoAbortScope no_abort(env);
  v8::TryCatch ignored(env.isolate);
  bool rejected = false;
  return !CompileModule(env, code, name, 0, 0, env.Symbol("source_text_module_default_hdo"),
                        nullptr, true, &rejected)
              .IsEmpty();
}

// Calls process.emitWarning synchronously. If a listener throws, its exception replaces the error.
bool WarnAboutModuleSyntax(Env& env, Local<v8::String> filename) {
  static std::atomic<bool> warned = false;  // of the process
  if (warned.exchange(true)) return true;
  std::string text = "Failed to load the ES module: " + ToUtf8(env.isolate, filename) +
                     ". Make sure to set \"type\": \"module\" in the nearest package.json file "
                     "or use the .mjs extension.";
  Local<v8::Function> emit = env.GetFunction(Slot::kEmitWarningSync);
  if (emit.IsEmpty()) return true;
  Local<v8::Value> argument = env.Str(text);
  return !emit->Call(env.context(), env.process(), 1, &argument).IsEmpty();
}

}  // namespace

// compileFunctionForCJSLoader(code, filename, isSeaMain, shouldDetectModule)
void CompileFunctionForCjsLoader(Env& env, const Args& args) {
  for (int i : {0, 1})
    if (!args[i]->IsString()) return ThrowBadArgument(env, i);
  Local<v8::String> code = args[0].As<v8::String>();
  Local<v8::String> filename = args[1].As<v8::String>();
  Local<v8::Function> function;
  Local<v8::Value> exception;
  Local<v8::Message> message;
  bool rejected = false;
  {
    NoAbortScope no_abort(env);
    v8::TryCatch caught(env.isolate);
    if (!CompileCommonJs(env, code, filename, true, &rejected).ToLocal(&function)) {
      if (caught.HasTerminated()) return;
      exception = caught.Exception();
      message = caught.Message();
      DecorateErrorStack(env, exception, message);
    }
  }
  bool is_module = false;
  if (!exception.IsEmpty()) {
    Local<v8::String> url = env.Str(PathToFileUrl(ToUtf8(env.isolate, filename)));
    is_module = IsValidAsModule(env, message->Get(), code, url);
    if (!is_module || !args[3]->IsTrue()) {
      if (!is_module || WarnAboutModuleSyntax(env, filename))
        env.isolate->ThrowException(exception);
      return;
    }
  }
  Local<v8::Name> names[] = {env.Name("cachedDataRejected"), env.Name("sourceMapURL"),
                             env.Name("sourceURL"), env.Name("function"),
                             env.Name("canParseAsESM")};
  bool ok = !function.IsEmpty();
  Local<v8::Value> values[] = {
      v8::Boolean::New(env.isolate, rejected),
      ok ? function->GetScriptOrigin().SourceMapUrl() : env.Undefined(),
      ok ? function->GetScriptOrigin().ResourceName() : env.Undefined(),
      ok ? function.As<v8::Value>() : env.Undefined(),
      v8::Boolean::New(env.isolate, is_module),
  };
  Local<v8::Object> result = v8::Object::New(env.isolate);
  for (size_t i = 0; i < std::size(names); i++)
    (void)result->Set(env.context(), names[i], values[i]);
  args.GetReturnValue().Set(result);
}

// containsModuleSyntax(code, filename, url?, "no CJS variables"?)
void ContainsModuleSyntax(Env& env, const Args& args) {
  for (int i : {0, 1})
    if (!args[i]->IsString()) return ThrowBadArgument(env, i);
  Local<v8::String> code = args[0].As<v8::String>();
  Local<v8::String> filename = args[1].As<v8::String>();
  Local<v8::String> name = args[2]->IsString() ? args[2].As<v8::String>() : filename;
  Local<v8::String> message;
  {
    NoAbortScope no_abort(env);
    v8::TryCatch caught(env.isolate);
    bool rejected = false;
    if (!CompileCommonJs(env, code, filename, !args[3]->IsString(), &rejected).IsEmpty())
      return args.GetReturnValue().Set(false);
    if (caught.HasTerminated()) return;
    message = caught.Message()->Get();
  }
  args.GetReturnValue().Set(IsValidAsModule(env, message, code, name));
}

}  // namespace kiln::runtime
