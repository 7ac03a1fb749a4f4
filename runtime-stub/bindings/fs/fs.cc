// internalBinding("fs"): the file system. This file has the table of the binding. The functions are
// in open, read_write, stat, dir, links, attributes, copy and resolve.cc, the classes in requests,
// file_handle and stat_watcher.cc. fs.h describes how an operation runs.
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime {
namespace {

using namespace fs;

const ClassEntry* const kClasses[] = {&kStatWatcherClass, &kFSReqCallbackClass, &kFileHandleClass};
const ClassEntry* const kHiddenClasses[] = {&kFSReqPromiseClass, &kFileHandleCloseReqClass};

constexpr Entry kFunctions[] = {
    Method<GetFormatOfExtensionlessFile>("getFormatOfExtensionlessFile"),
    Method<Access>("access"),
    Method<Close>("close"),
    Method<ExistsSync>("existsSync"),
    Method<Open>("open"),
    Method<OpenFileHandle>("openFileHandle"),
    Method<Read>("read"),
    Method<ReadFileUtf8>("readFileUtf8"),
    Method<ReadBuffers>("readBuffers"),
    Method<FDataSync>("fdatasync"),
    Method<FSync>("fsync"),
    Method<Rename>("rename"),
    Method<FTruncate>("ftruncate"),
    Method<RmDir>("rmdir"),
    Method<RmSync>("rmSync"),
    Method<MkDir>("mkdir"),
    Method<ReadDir>("readdir"),
    Method<InternalModuleStat>("internalModuleStat"),
    Method<Stat>("stat"),
    Method<LStat>("lstat"),
    Method<FStat>("fstat"),
    Method<StatFs>("statfs"),
    Method<Link>("link"),
    Method<Symlink>("symlink"),
    Method<ReadLink>("readlink"),
    Method<Unlink>("unlink"),
    Method<WriteBuffer>("writeBuffer"),
    Method<WriteBuffers>("writeBuffers"),
    Method<fs::WriteString>("writeString"),
    Method<WriteFileUtf8>("writeFileUtf8"),
    Method<RealPath>("realpath"),
    Method<CopyFile>("copyFile"),
    Method<ChMod>("chmod"),
    Method<FChMod>("fchmod"),
    Method<ChOwn>("chown"),
    Method<FChOwn>("fchown"),
    Method<LChOwn>("lchown"),
    Method<UTimes>("utimes"),
    Method<FUTimes>("futimes"),
    Method<LUTimes>("lutimes"),
    Method<MkDTemp>("mkdtemp"),
    Method<CpSyncCheckPaths>("cpSyncCheckPaths"),
    Method<CpSyncOverrideFile>("cpSyncOverrideFile"),
    Method<CpSyncCopyDir>("cpSyncCopyDir"),
    Method<LegacyMainResolve>("legacyMainResolve"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  SetConstant(env, exports, "kFsStatsFieldsNumber", kStatFields);
  env.Set(exports, "kUsePromises", env.Symbol("fs_use_promises_symbol"));
  env.Set(exports, "statValues", StatArray(env, false));
  env.Set(exports, "bigintStatValues", StatArray(env, true));
  env.Set(exports, "statFsValues", StatFsArray(env, false));
  env.Set(exports, "bigintStatFsValues", StatFsArray(env, true));
}

}  // namespace

extern const Binding kFsBinding;
const Binding kFsBinding = {.name = "fs",
                            .functions = kFunctions,
                            .classes = kClasses,
                            .hidden_classes = kHiddenClasses,
                            .init = Init};

}  // namespace kiln::runtime
