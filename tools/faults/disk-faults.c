/*
 * Stands between a program and the C library wherever it changes files under one folder. It counts these calls,
 * and at the one asked for kills the program, fails, or waits; or it writes down every call, for a power cut to be
 * played through. Loaded with LD_PRELOAD; what it does is told in the environment:
 *
 *   FAULT_ROOT   only calls on files under this folder count
 *   FAULT_AT     number of the first call that is hit, from 1; 0: none
 *   FAULT_FOR    how many calls are hit (default 1)
 *   FAULT_DO     kill-before | kill-after | kill-torn (half of a write is done) | ENOSPC | EIO | delay
 *   FAULT_ONLY   letters of the calls that count, as in a trace: W S C T R L U M (default: all)
 *   FAULT_DELAY  microseconds a delay takes
 *   FAULT_TRACE  file for the trace; see trace.ts for its form
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *what, *only;
static size_t root_length;
static long first, hits, count, delay_us;
static int trace = -1;


static const char *text(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value == NULL ? otherwise : value;
}

__attribute__((constructor)) static void begin(void) {
  root = text("FAULT_ROOT", "/nowhere");
  root_length = strlen(root);
  what = text("FAULT_DO", "");
  only = text("FAULT_ONLY", "WSCTRLUM");
  first = atol(text("FAULT_AT", "0"));
  hits = atol(text("FAULT_FOR", "1"));
  delay_us = atol(text("FAULT_DELAY", "0"));
  const char *path = getenv("FAULT_TRACE");
  if (path != NULL) trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int under_root(const char *path) {
  return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int path_of(int fd, char out[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_MAX - 1);
  if (length < 0) return 0;
  out[length] = 0;
  return under_root(out);
}

/* The path of a call that names a file, made absolute; 0 where it is not under the folder. */
static int resolve_path(int dir, const char *path, char out[PATH_MAX]) {
  if (path[0] == '/') {
    snprintf(out, PATH_MAX, "%s", path);
  } else {
    char base[PATH_MAX] = "";
    if (dir == AT_FDCWD) {
      if (getcwd(base, sizeof base) == NULL) return 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
      ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, base, PATH_MAX - 1);
      if (length < 0) return 0;
      base[length] = 0;
    }
    if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
  }
  return under_root(out);
}

static void put(const void *bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    long written = syscall(SYS_write, trace, (const char *)bytes + done, length - done);
    if (written <= 0) _exit(99);
    done += (size_t)written;
  }
}

/* A line, then as many bytes as it says last. */
static void tell(char call, unsigned long ino, long long offset, const void *bytes, size_t length) {
  if (trace < 0) return;
  char line[128];
  int size = snprintf(line, sizeof line, "%c %lu %lld %zu\n", call, ino, offset, length);
  put(line, (size_t)size);
  put(bytes, length);
}

static void tell_names(char call, unsigned long ino, const char *from, const char *to) {
  char names[2 * PATH_MAX + 1];
  int size = snprintf(names, sizeof names, "%s\n%s", from, to);
  tell(call, ino, 0, names, (size_t)size);
}

static unsigned long ino_of(int fd) {
  struct stat s;
  return fstat(fd, &s) == 0 ? (unsigned long)s.st_ino : 0;
}
static unsigned long ino_at(const char *path) {
  struct stat s;
  return lstat(path, &s) == 0 ? (unsigned long)s.st_ino : 0;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

enum verdict { GO, TORN, AFTER, FAIL };

/* Counts a call and says what is to become of it. */
static enum verdict judge(char call) {
  if (strchr(only, call) == NULL) return GO;
  count++;
  if (first == 0 || count < first || count >= first + hits) return GO;
  if (strcmp(what, "kill-before") == 0) die();
  if (strcmp(what, "kill-torn") == 0) {
    if (call == 'W') return TORN;
    die();
  }
  if (strcmp(what, "kill-after") == 0) return AFTER;
  if (strcmp(what, "delay") == 0) {
    usleep((useconds_t)delay_us);
    return GO;
  }
  errno = strcmp(what, "EIO") == 0 ? EIO : ENOSPC;
  return FAIL;
}

#define ENTER pthread_mutex_lock(&lock)
#define LEAVE(result)                    \
  do {                                   \
    int kept = errno;                    \
    pthread_mutex_unlock(&lock);         \
    errno = kept;                        \
    return result;                       \
  } while (0)

/* ---- writes ---- */

static ssize_t put_at(int fd, const void *bytes, size_t length, off_t offset, int positioned) {
  return positioned ? syscall(SYS_pwrite64, fd, bytes, length, offset) : syscall(SYS_write, fd, bytes, length);
}

static ssize_t do_write(int fd, const void *bytes, size_t length, off_t offset, int positioned) {
  char path[PATH_MAX];
  if (fd == 1 && trace >= 0) {
    ENTER;
    ssize_t said = put_at(fd, bytes, length, offset, positioned);
    if (said > 0) tell('A', 0, 0, bytes, (size_t)said);
    LEAVE(said);
  }
  if (!path_of(fd, path)) return put_at(fd, bytes, length, offset, positioned);
  ENTER;
  if (!positioned && trace >= 0) {
    struct stat s;
    int appends = fcntl(fd, F_GETFL) & O_APPEND;
    offset = appends && fstat(fd, &s) == 0 ? s.st_size : lseek(fd, 0, SEEK_CUR);
  }
  enum verdict verdict = judge('W');
  if (verdict == FAIL) LEAVE(-1);
  if (verdict == TORN) length = length / 2;
  ssize_t written = put_at(fd, bytes, length, offset, positioned);
  if (verdict != GO) die();
  if (written > 0) tell('W', ino_of(fd), offset, bytes, (size_t)written);
  LEAVE(written);
}

ssize_t write(int fd, const void *bytes, size_t length) { return do_write(fd, bytes, length, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return do_write(fd, bytes, length, offset, 1); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return do_write(fd, bytes, length, offset, 1); }

/* Several buffers are written one after the other: less than was asked for is an answer that callers must know. */
static ssize_t do_writev(int fd, const struct iovec *parts, int number, off_t offset, int positioned) {
  ssize_t sum = 0;
  for (int i = 0; i < number; i++) {
    ssize_t written = do_write(fd, parts[i].iov_base, parts[i].iov_len, offset + sum, positioned);
    if (written < 0) return sum > 0 ? sum : written;
    sum += written;
    if ((size_t)written < parts[i].iov_len) break;
  }
  return sum;
}
ssize_t writev(int fd, const struct iovec *parts, int number) {
  char path[PATH_MAX];
  if (!path_of(fd, path) && !(fd == 1 && trace >= 0)) return syscall(SYS_writev, fd, parts, number);
  return do_writev(fd, parts, number, 0, 0);
}
ssize_t pwritev(int fd, const struct iovec *parts, int number, off_t offset) {
  return do_writev(fd, parts, number, offset, 1);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int number, off64_t offset) {
  return do_writev(fd, parts, number, offset, 1);
}

/* ---- making files and putting them on the disk ---- */

static int do_open(int dir, const char *path, int flags, mode_t mode) {
  char whole[PATH_MAX];
  if (!(flags & (O_CREAT | O_TRUNC)) || !resolve_path(dir, path, whole))
    return (int)syscall(SYS_openat, dir, path, flags, mode);
  ENTER;
  unsigned long before = ino_at(whole);
  char call = before == 0 ? 'C' : flags & O_TRUNC ? 'T' : 0;
  enum verdict verdict = call == 0 ? GO : judge(call);
  if (verdict == FAIL) LEAVE(-1);
  int fd = (int)syscall(SYS_openat, dir, path, flags, mode);
  if (verdict != GO) die();
  if (fd >= 0 && call == 'C') tell('C', ino_of(fd), 0, whole, strlen(whole));
  if (fd >= 0 && call == 'T') tell('T', before, 0, "", 0);
  LEAVE(fd);
}

#define OPEN_MODE                                        \
  mode_t mode = 0;                                       \
  if (flags & (O_CREAT | __O_TMPFILE)) {                 \
    va_list rest;                                        \
    va_start(rest, flags);                               \
    mode = va_arg(rest, mode_t);                         \
    va_end(rest);                                        \
  }
int open(const char *path, int flags, ...) { OPEN_MODE return do_open(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { OPEN_MODE return do_open(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int dir, const char *path, int flags, ...) { OPEN_MODE return do_open(dir, path, flags, mode); }
int openat64(int dir, const char *path, int flags, ...) { OPEN_MODE return do_open(dir, path, flags | O_LARGEFILE, mode); }

static int do_sync(int fd, long number) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return (int)syscall(number, fd);
  ENTER;
  enum verdict verdict = judge('S');
  if (verdict == FAIL) LEAVE(-1);
  int result = (int)syscall(number, fd);
  if (verdict != GO) die();
  struct stat s;
  int folder = fstat(fd, &s) == 0 && S_ISDIR(s.st_mode);
  if (result == 0 && folder) tell('F', (unsigned long)s.st_ino, 0, path, strlen(path));
  if (result == 0 && !folder) tell('S', (unsigned long)s.st_ino, 0, "", 0);
  LEAVE(result);
}
int fsync(int fd) { return do_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return do_sync(fd, SYS_fdatasync); }

static int do_truncate(int fd, off_t length) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return (int)syscall(SYS_ftruncate, fd, length);
  ENTER;
  enum verdict verdict = judge('T');
  if (verdict == FAIL) LEAVE(-1);
  int result = (int)syscall(SYS_ftruncate, fd, length);
  if (verdict != GO) die();
  if (result == 0) tell('T', ino_of(fd), length, "", 0);
  LEAVE(result);
}
int ftruncate(int fd, off_t length) { return do_truncate(fd, length); }
int ftruncate64(int fd, off64_t length) { return do_truncate(fd, length); }

/* ---- names ---- */

static int do_names(char call, int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
  char old[PATH_MAX], new[PATH_MAX];
  int counts = resolve_path(from_dir, from, old) && resolve_path(to_dir, to, new);
  long number = call == 'R' ? SYS_renameat2 : SYS_linkat;
  if (!counts) return (int)syscall(number, from_dir, from, to_dir, to, flags);
  ENTER;
  unsigned long ino = ino_at(old);
  enum verdict verdict = judge(call);
  if (verdict == FAIL) LEAVE(-1);
  int result = (int)syscall(number, from_dir, from, to_dir, to, flags);
  if (verdict != GO) die();
  if (result == 0) tell_names(call, ino, old, new);
  LEAVE(result);
}
int rename(const char *from, const char *to) { return do_names('R', AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_dir, const char *from, int to_dir, const char *to) {
  return do_names('R', from_dir, from, to_dir, to, 0);
}
int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
  return do_names('R', from_dir, from, to_dir, to, flags);
}
int link(const char *from, const char *to) { return do_names('L', AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
  return do_names('L', from_dir, from, to_dir, to, (unsigned)flags);
}

static int do_unlink(int dir, const char *path, int flags) {
  char whole[PATH_MAX];
  if (!resolve_path(dir, path, whole) || ino_at(whole) == 0) return (int)syscall(SYS_unlinkat, dir, path, flags);
  ENTER;
  unsigned long ino = ino_at(whole);
  enum verdict verdict = judge('U');
  if (verdict == FAIL) LEAVE(-1);
  int result = (int)syscall(SYS_unlinkat, dir, path, flags);
  if (verdict != GO) die();
  if (result == 0) tell('U', ino, 0, whole, strlen(whole));
  LEAVE(result);
}
int unlink(const char *path) { return do_unlink(AT_FDCWD, path, 0); }
int unlinkat(int dir, const char *path, int flags) { return do_unlink(dir, path, flags); }
int rmdir(const char *path) { return do_unlink(AT_FDCWD, path, AT_REMOVEDIR); }

static int do_mkdir(int dir, const char *path, mode_t mode) {
  char whole[PATH_MAX];
  if (!resolve_path(dir, path, whole) || ino_at(whole) != 0) return (int)syscall(SYS_mkdirat, dir, path, mode);
  ENTER;
  enum verdict verdict = judge('M');
  if (verdict == FAIL) LEAVE(-1);
  int result = (int)syscall(SYS_mkdirat, dir, path, mode);
  if (verdict != GO) die();
  if (result == 0) tell('M', ino_at(whole), 0, whole, strlen(whole));
  LEAVE(result);
}
int mkdir(const char *path, mode_t mode) { return do_mkdir(AT_FDCWD, path, mode); }
int mkdirat(int dir, const char *path, mode_t mode) { return do_mkdir(dir, path, mode); }

/* ---- streams of the C library, which write by calls of their own: LevelDB uses them ---- */

#define STREAMS 64
static struct stream {
  FILE *file;
  int fd;
} streams[STREAMS];

static ssize_t stream_write(void *cookie, const char *bytes, size_t length) {
  ssize_t written = do_write(((struct stream *)cookie)->fd, bytes, length, 0, 0);
  return written < 0 ? 0 : written;
}
static int stream_close(void *cookie) {
  struct stream *stream = cookie;
  int result = (int)syscall(SYS_close, stream->fd);
  stream->file = NULL;
  return result;
}

static FILE *do_fopen(const char *path, const char *mode, FILE *(*otherwise)(const char *, const char *)) {
  char whole[PATH_MAX];
  if ((mode[0] != 'w' && mode[0] != 'a') || strchr(mode, '+') != NULL || !resolve_path(AT_FDCWD, path, whole))
    return otherwise(path, mode);
  int fd = do_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC | (mode[0] == 'w' ? O_TRUNC : O_APPEND), 0666);
  if (fd < 0) return NULL;
  struct stream *free_one = NULL;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < STREAMS && free_one == NULL; i++)
    if (streams[i].file == NULL) free_one = &streams[i];
  if (free_one == NULL) _exit(98);
  free_one->fd = fd;
  cookie_io_functions_t calls = {.read = NULL, .write = stream_write, .seek = NULL, .close = stream_close};
  FILE *file = free_one->file = fopencookie(free_one, mode, calls);
  pthread_mutex_unlock(&lock);
  return file;
}
FILE *fopen(const char *path, const char *mode) { return do_fopen(path, mode, dlsym(RTLD_NEXT, "fopen")); }
FILE *fopen64(const char *path, const char *mode) { return do_fopen(path, mode, dlsym(RTLD_NEXT, "fopen64")); }

static int do_fileno(FILE *file, int (*otherwise)(FILE *)) {
  for (int i = 0; i < STREAMS; i++)
    if (streams[i].file == file) return streams[i].fd;
  return otherwise(file);
}
int fileno(FILE *file) { return do_fileno(file, dlsym(RTLD_NEXT, "fileno")); }
int fileno_unlocked(FILE *file) { return do_fileno(file, dlsym(RTLD_NEXT, "fileno_unlocked")); }
