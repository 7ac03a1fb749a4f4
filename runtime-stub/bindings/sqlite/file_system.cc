// The file system for SQLite. It reads databases in the embedded files (/kiln/…) where they lie in
// the executable, and leaves all other paths to SQLite's own. A database there never changes, so it
// needs no locks and has no journal; it opens read-only, as one on a read-only file system does. It
// also asks the permission model about each database that is opened, attached or copied to: by the
// path that SQLite has resolved, so a link does not lead out of what is allowed. Journals and
// temporary files belong to a database that was allowed.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "runtime-stub/bindings/sqlite/connection.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime::sqlite {

namespace {

// What SQLite sees as an open file; it allocates the memory, and calls Close() before it frees it.
struct File {
  sqlite3_file base;
  std::shared_ptr<embedded::OpenFile>* open;
};

File* From(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

sqlite3_vfs* g_own;  // SQLite's

int Close(sqlite3_file* file) {
  delete std::exchange(From(file)->open, nullptr);
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  uv_buf_t buffer = uv_buf_init(static_cast<char*>(to), unsigned(size));
  ssize_t count = (*From(file)->open)->Read({&buffer, 1}, at);
  if (count == size) return SQLITE_OK;
  if (count < 0) return SQLITE_IOERR_READ;
  std::memset(static_cast<char*>(to) + count, 0, size_t(size - count));
  return SQLITE_IOERR_SHORT_READ;
}

int FileSize(sqlite3_file* file, sqlite3_int64* out) {
  *out = sqlite3_int64((*From(file)->open)->stat().st_size);
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = Close,
    .xRead = Read,
    .xWrite = [](sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; },
    .xTruncate = [](sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; },
    .xSync = [](sqlite3_file*, int) { return SQLITE_OK; },
    .xFileSize = FileSize,
    .xLock = [](sqlite3_file*, int) { return SQLITE_OK; },
    .xUnlock = [](sqlite3_file*, int) { return SQLITE_OK; },
    .xCheckReservedLock =
        [](sqlite3_file*, int* out) {
          *out = 0;
          return SQLITE_OK;
        },
    .xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    .xSectorSize = [](sqlite3_file*) { return 4096; },
    .xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_IMMUTABLE; },
};

// Databases are opened by the thread of an Env, also by backup(); what the pool's threads open are
// journals. True: an exception is pending.
bool IsRefused(const char* name, int flags) {
  v8::Isolate* isolate = v8::Isolate::TryGetCurrent();
  if (!name || !(flags & SQLITE_OPEN_MAIN_DB) || !isolate) return false;
  Env& env = Env::From(isolate);
  return Refuses(env, Permission::kFileSystemRead, name) ||
         (!(flags & SQLITE_OPEN_READONLY) && Refuses(env, Permission::kFileSystemWrite, name));
}

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  From(file)->base.pMethods = nullptr;  // nothing to close, if there is an error
  if (IsRefused(name, flags)) return SQLITE_CANTOPEN;
  if (!name || !embedded::Owns(name)) return g_own->xOpen(vfs, name, file, flags, out_flags);
  std::shared_ptr<embedded::OpenFile> open;
  if (!(flags & SQLITE_OPEN_MAIN_DB) || embedded::OpenFile::Open(name, UV_FS_O_RDONLY, &open) != 0)
    return SQLITE_CANTOPEN;
  From(file)->base.pMethods = &kMethods;
  From(file)->open = new std::shared_ptr<embedded::OpenFile>(std::move(open));
  if (out_flags)
    *out_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync) {
  return embedded::Owns(name) ? SQLITE_IOERR_DELETE : g_own->xDelete(vfs, name, sync);
}

int Access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  if (!embedded::Owns(name)) return g_own->xAccess(vfs, name, flags, out);
  *out = flags != SQLITE_ACCESS_READWRITE && embedded::Access(name, 0) == 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  std::string resolved;
  if (!embedded::Owns(name) || !embedded::Resolve(name, &resolved))
    return g_own->xFullPathname(vfs, name, size, out);
  if (resolved.size() >= size_t(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, resolved.c_str(), resolved.size() + 1);
  return SQLITE_OK;
}

}  // namespace

void UseFileSystem(Env& env) {
  static std::once_flag once;
  std::call_once(once, [&env] {
    if (!embedded::g_present && !env.permissions) return;
    // SQLite's functions find what they need in the copy.
    static sqlite3_vfs vfs = *(g_own = sqlite3_vfs_find(nullptr));
    vfs.szOsFile = std::max(vfs.szOsFile, int(sizeof(File)));
    vfs.xOpen = Open;
    vfs.xDelete = Delete;
    vfs.xAccess = Access;
    vfs.xFullPathname = FullPathname;
    sqlite3_vfs_register(&vfs, true);
  });
}

}  // namespace kiln::runtime::sqlite
