// Loaded before libc (LD_PRELOAD), it writes down what a program has made durable below $UNSYNCED_ROOT, so that
// power_loss.py can take back the rest as if the power had gone. Writes go to the real files; a synced length is all that
// has to be known of files that only grow; what is overwritten, replaced or unlinked is set aside first.
//
// Journal: $UNSYNCED_JOURNAL/journal, one line for each event, in order; paths hold no white space:
//   C path inode                created             M path             directory made
//   U inode offset length n     set aside in the file undo at octet n before being overwritten
//   T inode offset length n     the same before being cut off
//   R from to inode n           renamed; what stood at `to` is linked as grave.n (n = 0: nothing stood there)
//   X path n                    unlinked; linked as grave.n
//   L path inode                linked
//   B inode size n / E n        sync n of a file begins at that size / has ended      D path n    the same of a directory
// With $UNSYNCED_IGNORES_SYNC set, fsync and fdatasync do nothing and say that they did: a test of the test.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kDescriptors = 1 << 16 };

static char root[PATH_MAX];
static char place[PATH_MAX];
static size_t root_length;
static int journal = -1;
static bool ignores_sync;
static int undo = -1;
static atomic_long numbers = 1;
static atomic_llong undone;
static atomic_uchar followed[kDescriptors];  // 1: a file below root; 2: a directory

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define KEPT_REAL(name)                     \
  static __typeof__(&name) real;            \
  if (real == NULL) real = REAL(name)

/// Out of the way of programs that count on low numbers.
static int open_apart(const char* path, int flags) {
  const int opened = (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
  const int apart = fcntl(opened, F_DUPFD_CLOEXEC, 900);
  syscall(SYS_close, opened);
  return apart;
}

__attribute__((constructor)) static void begin(void) {
  const char* below = getenv("UNSYNCED_ROOT");
  const char* kept = getenv("UNSYNCED_JOURNAL");
  if (below == NULL || kept == NULL || realpath(below, root) == NULL || realpath(kept, place) == NULL) return;
  root_length = strlen(root);
  ignores_sync = getenv("UNSYNCED_IGNORES_SYNC") != NULL;
  char path[PATH_MAX + 16];
  snprintf(path, sizeof path, "%s/journal", place);
  journal = open_apart(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC);
  snprintf(path, sizeof path, "%s/undo", place);
  undo = open_apart(path, O_WRONLY | O_CREAT | O_CLOEXEC);
  undone = lseek(undo, 0, SEEK_END);
}

__attribute__((format(printf, 1, 2))) static void note(const char* format, ...) {
  char line[3 * PATH_MAX];
  va_list values;
  va_start(values, format);
  const int length = vsnprintf(line, sizeof line, format, values);
  va_end(values);
  if (syscall(SYS_write, journal, line, (size_t)length) != length) abort();  // a torn journal proves nothing
}

/// `path` without symbolic links, whether or not its last name exists; false when it is not below root.
static bool below_root(const char* path, char* resolved) {
  if (journal < 0 || path == NULL) return false;
  char folder[PATH_MAX];
  const char* slash = strrchr(path, '/');
  const char* name = slash == NULL ? path : slash + 1;
  if (*name == '\0' || strcmp(name, ".") == 0) {
    if (realpath(path, resolved) == NULL) return false;
  } else {
    snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1), slash == NULL ? "." : path);
    char real_folder[PATH_MAX];
    if (realpath(folder, real_folder) == NULL) return false;
    if ((size_t)snprintf(resolved, PATH_MAX, "%s/%s", real_folder, name) >= PATH_MAX) return false;
  }
  return strncmp(resolved, root, root_length) == 0 && (resolved[root_length] == '/' || resolved[root_length] == '\0');
}

/// The same for the *at family; descriptors of directories other than the current one are not used by what we watch.
static bool below_root_at(int directory, const char* path, char* resolved) {
  if (path == NULL || (directory != AT_FDCWD && path[0] != '/')) {
    char whole[PATH_MAX * 2], link[64];
    if (path == NULL) return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    const ssize_t length = readlink(link, whole, PATH_MAX);
    if (length <= 0) return false;
    snprintf(whole + length, sizeof whole - (size_t)length, "/%s", path);
    return below_root(whole, resolved);
  }
  return below_root(path, resolved);
}

static bool is_followed(int file) { return file >= 0 && file < kDescriptors && followed[file] == 1; }

/// Keeps what stands at [offset, offset + length), as far as the file reaches. `kind`: U or T of the journal.
static void set_aside(char kind, int file, off_t offset, off_t length) {
  struct stat status;
  if (fstat(file, &status) != 0 || offset >= status.st_size || length <= 0) return;
  if (offset + length > status.st_size) length = status.st_size - offset;
  char own[64];
  snprintf(own, sizeof own, "/proc/self/fd/%d", file);  // `file` itself may be open for writing alone
  const int from = (int)syscall(SYS_openat, AT_FDCWD, own, O_RDONLY | O_CLOEXEC);
  if (from < 0) abort();
  const long long place_in_undo = atomic_fetch_add(&undone, length);
  char buffer[65536];
  for (off_t done = 0; done < length;) {
    const size_t want = (size_t)(length - done) < sizeof buffer ? (size_t)(length - done) : sizeof buffer;
    const ssize_t got = pread(from, buffer, want, offset + done);
    if (got <= 0) break;
    if (syscall(SYS_pwrite64, undo, buffer, (size_t)got, place_in_undo + done) != got) abort();
    done += got;
  }
  syscall(SYS_close, from);
  note("%c %lu %lld %lld %lld\n", kind, (unsigned long)status.st_ino, (long long)offset, (long long)length, place_in_undo);
}

static void before_write(int file, size_t length) {
  if (!is_followed(file)) return;
  const int flags = fcntl(file, F_GETFL);
  if (flags >= 0 && (flags & O_APPEND) != 0) return;
  const off_t offset = lseek(file, 0, SEEK_CUR);
  if (offset >= 0) set_aside('U', file, offset, (off_t)length);
}

static long bury(const char* path) {
  char grave[PATH_MAX + 64];
  const long number = numbers++;
  snprintf(grave, sizeof grave, "%s/grave.%ld", place, number);
  return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, grave, 0) == 0 ? number : 0;
}

static int opened(int file, const char* path, bool is_new) {
  if (file < 0 || file >= kDescriptors) return file;
  struct stat status;
  if (fstat(file, &status) != 0) return file;
  followed[file] = S_ISDIR(status.st_mode) ? 2 : S_ISREG(status.st_mode) ? 1 : 0;
  if (is_new && followed[file] == 1) note("C %s %lu\n", path, (unsigned long)status.st_ino);
  return file;
}

static int open_below(int directory, const char* path, int flags, mode_t mode) {
  char resolved[PATH_MAX];
  if (!below_root_at(directory, path, resolved)) {
    const int file = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (file >= 0 && file < kDescriptors) followed[file] = 0;
    return file;
  }
  const bool is_new = (flags & O_CREAT) != 0 && access(resolved, F_OK) != 0;
  if ((flags & O_TRUNC) != 0 && !is_new) {
    const int before = (int)syscall(SYS_openat, AT_FDCWD, resolved, O_RDONLY | O_CLOEXEC);
    if (before >= 0) {
      set_aside('T', before, 0, LLONG_MAX / 2);
      syscall(SYS_close, before);
    }
  }
  return opened((int)syscall(SYS_openat, directory, path, flags, mode), resolved, is_new);
}

#define OPENS(name)                                    \
  int name(const char* path, int flags, ...) {         \
    va_list values;                                    \
    va_start(values, flags);                           \
    const mode_t mode = va_arg(values, mode_t);        \
    va_end(values);                                    \
    return open_below(AT_FDCWD, path, flags, mode);    \
  }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name)                                        \
  int name(int directory, const char* path, int flags, ...) { \
    va_list values;                                           \
    va_start(values, flags);                                  \
    const mode_t mode = va_arg(values, mode_t);               \
    va_end(values);                                           \
    return open_below(directory, path, flags, mode);          \
  }
OPENS_AT(openat)
OPENS_AT(openat64)

int creat(const char* path, mode_t mode) { return open_below(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char* path, mode_t mode) { return open_below(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int file) {
  if (file >= 0 && file < kDescriptors) followed[file] = 0;
  return (int)syscall(SYS_close, file);
}

ssize_t write(int file, const void* octets, size_t length) {
  KEPT_REAL(write);
  before_write(file, length);
  return real(file, octets, length);
}

ssize_t writev(int file, const struct iovec* pieces, int count) {
  KEPT_REAL(writev);
  size_t length = 0;
  for (int i = 0; i < count; ++i) length += pieces[i].iov_len;
  before_write(file, length);
  return real(file, pieces, count);
}

#define PWRITES(name, offset_type)                                                     \
  ssize_t name(int file, const void* octets, size_t length, offset_type offset) {      \
    KEPT_REAL(name);                                                                   \
    if (is_followed(file)) set_aside('U', file, offset, (off_t)length);                     \
    return real(file, octets, length, offset);                                         \
  }
PWRITES(pwrite, off_t)
PWRITES(pwrite64, off64_t)

#define PWRITEVS(name, offset_type)                                                        \
  ssize_t name(int file, const struct iovec* pieces, int count, offset_type offset) {      \
    KEPT_REAL(name);                                                                       \
    size_t length = 0;                                                                     \
    for (int i = 0; i < count; ++i) length += pieces[i].iov_len;                           \
    if (is_followed(file)) set_aside('U', file, offset, (off_t)length);                         \
    return real(file, pieces, count, offset);                                              \
  }
PWRITEVS(pwritev, off_t)
PWRITEVS(pwritev64, off64_t)

#define TRUNCATES(name, offset_type)                                              \
  int name(int file, offset_type length) {                                        \
    KEPT_REAL(name);                                                              \
    if (is_followed(file)) set_aside('T', file, length, LLONG_MAX / 2);                \
    return real(file, length);                                                    \
  }
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)

static int synced(int file, int (*real)(int)) {
  if (file < 0 || file >= kDescriptors || followed[file] == 0) return real(file);
  if (ignores_sync) return 0;
  const long number = numbers++;
  if (followed[file] == 1) {
    struct stat status;
    if (fstat(file, &status) == 0)
      note("B %lu %lld %ld\n", (unsigned long)status.st_ino, (long long)status.st_size, number);
  } else {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) note("D %.*s %ld\n", (int)length, path, number);
  }
  const int result = real(file);
  if (result == 0) note("E %ld\n", number);
  return result;
}

int fsync(int file) {
  KEPT_REAL(fsync);
  return synced(file, real);
}

int fdatasync(int file) {
  KEPT_REAL(fdatasync);
  return synced(file, real);
}

static void before_rename(const char* from, const char* to) {
  struct stat status;
  if (lstat(from, &status) != 0) return;
  note("R %s %s %lu %ld\n", from, to, (unsigned long)status.st_ino, access(to, F_OK) == 0 ? bury(to) : 0);
}

int rename(const char* from, const char* to) {
  KEPT_REAL(rename);
  char source[PATH_MAX], target[PATH_MAX];
  if (below_root(from, source) && below_root(to, target)) before_rename(source, target);
  return real(from, to);
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) {
  KEPT_REAL(renameat);
  char source[PATH_MAX], target[PATH_MAX];
  if (below_root_at(from_directory, from, source) && below_root_at(to_directory, to, target)) before_rename(source, target);
  return real(from_directory, from, to_directory, to);
}

static void before_unlink(const char* path) {
  struct stat status;
  if (lstat(path, &status) == 0 && S_ISREG(status.st_mode)) note("X %s %ld\n", path, bury(path));
}

int unlink(const char* path) {
  KEPT_REAL(unlink);
  char resolved[PATH_MAX];
  if (below_root(path, resolved)) before_unlink(resolved);
  return real(path);
}

int unlinkat(int directory, const char* path, int flags) {
  KEPT_REAL(unlinkat);
  char resolved[PATH_MAX];
  if (flags == 0 && below_root_at(directory, path, resolved)) before_unlink(resolved);
  return real(directory, path, flags);
}

int remove(const char* path) {
  struct stat status;
  if (lstat(path, &status) != 0) return -1;
  return S_ISDIR(status.st_mode) ? rmdir(path) : unlink(path);
}

int link(const char* from, const char* to) {
  KEPT_REAL(link);
  const int result = real(from, to);
  char resolved[PATH_MAX];
  struct stat status;
  if (result == 0 && below_root(to, resolved) && lstat(resolved, &status) == 0)
    note("L %s %lu\n", resolved, (unsigned long)status.st_ino);
  return result;
}

int mkdir(const char* path, mode_t mode) {
  KEPT_REAL(mkdir);
  const int result = real(path, mode);
  char resolved[PATH_MAX];
  if (result == 0 && below_root(path, resolved)) note("M %s\n", resolved);
  return result;
}
