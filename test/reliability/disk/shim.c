/*
** A disk that fails on demand, preloaded (LD_PRELOAD) into a process that uses SQLite. It affects
** the files below STAMPEDE_DISK_FOLDER only. STAMPEDE_DISK_CONTROL names a file of 64-bit words,
** mapped by this process and written by the test while it runs. STAMPEDE_DISK_RECORD, if set,
** receives every change in order.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Words of the control file; control.ts names them too. */
enum { ARMED, FAIL_KIND, FAIL_AT, FAIL_ERRNO, FAIL_FOREVER, SYNC_SLEEP_US, IS_LIMITED, FREE_BYTES, SEEN, FAILED, WORDS };
/* Kinds of operations, in the control file and in the record. */
enum { NONE, WRITE, SYNC, TRUNCATE, OPEN, UNLINK, RENAME, SYNC_FOLDER, SYNC_FAILED, MARK };
/* Kinds of descriptors. */
enum { FOREIGN, DATABASE, SHARED_MEMORY, FOLDER, MARKS, PROBE };

#define DESCRIPTORS 4096
static struct { int role; char *name; dev_t device; ino_t inode; } descriptors[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static volatile int64_t *control;
static int record = -1;
/* Whether this process only grows the WAL's index (reserve-shm.ts): it may fail once without effect. */
static int grows_index;

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("STAMPEDE_DISK_CONTROL");
  const char *log = getenv("STAMPEDE_DISK_RECORD");
  int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *words = mmap(NULL, WORDS * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (words == MAP_FAILED) return;
  if (log) record = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  control = words;
  folder_length = strlen(getenv("STAMPEDE_DISK_FOLDER"));
  folder = getenv("STAMPEDE_DISK_FOLDER");
  grows_index = getenv("BUN_BE_BUN") != NULL;
}

static int ends_with(const char *path, const char *end) {
  size_t length = strlen(path), wanted = strlen(end);
  return length >= wanted && strcmp(path + length - wanted, end) == 0;
}

static int role_of(const char *path) {
  if (!folder || strncmp(path, folder, folder_length) != 0) return FOREIGN;
  if (ends_with(path, "-shm")) return SHARED_MEMORY;
  if (ends_with(path, "-marks")) return MARKS;
  /* Writes of the runtime, not of SQLite. */
  if (ends_with(path, "-room") || ends_with(path, ".sha256")) return PROBE;
  if (ends_with(path, ".partial")) return DATABASE;
  if (ends_with(path, ".db") || ends_with(path, "-wal") || ends_with(path, "-journal")) return DATABASE;
  return FOREIGN;
}

static int role_at(int fd) {
  if (fd < 0 || fd >= DESCRIPTORS || descriptors[fd].role == FOREIGN) return FOREIGN;
  struct stat found;
  int is_same = fstat(fd, &found) == 0 && found.st_dev == descriptors[fd].device && found.st_ino == descriptors[fd].inode;
  /* libuv closes files by a system call: the number may belong to an eventfd now. */
  if (!is_same) descriptors[fd].role = FOREIGN;
  return descriptors[fd].role;
}

/* Requires the lock. Names are relative to the folder. */
static void note(int kind, const char *name, const void *data, uint32_t length, int64_t offset) {
  if (record < 0) return;
  uint16_t name_length = (uint16_t)strlen(name);
  size_t total = 16 + name_length + length;
  char *entry = malloc(total);
  memset(entry, 0, 16);
  entry[0] = (char)kind;
  memcpy(entry + 2, &name_length, 2);
  memcpy(entry + 4, &length, 4);
  memcpy(entry + 8, &offset, 8);
  memcpy(entry + 16, name, name_length);
  if (length) memcpy(entry + 16 + name_length, data, length);
  for (size_t done = 0; done < total;) {
    long wrote = syscall(SYS_write, record, entry + done, total - done);
    /* A record with a gap would prove nothing. */
    if (wrote <= 0) abort();
    done += (size_t)wrote;
  }
  free(entry);
}

static const char *name_of(const char *path) { return path + folder_length; }

/* Requires the lock. Whether this operation must fail; sets errno if so. */
static int must_fail(int kind) {
  if (!control[ARMED] || control[FAIL_KIND] != kind) return 0;
  if (grows_index && !control[FAIL_FOREVER]) return 0;
  int64_t seen = ++control[SEEN];
  if (seen != control[FAIL_AT] && !(control[FAIL_FOREVER] && seen > control[FAIL_AT])) return 0;
  control[FAILED] += 1;
  errno = (int)control[FAIL_ERRNO];
  return 1;
}

/* Requires the lock. How many of these bytes fit on the disk; overwriting needs no space. */
static size_t room_for(int fd, size_t length, int64_t offset) {
  if (!control[IS_LIMITED]) return length;
  struct stat found;
  int64_t size = fstat(fd, &found) == 0 ? found.st_size : 0;
  int64_t growth = offset + (int64_t)length - size;
  if (growth <= 0) return length;
  int64_t lacking = growth - control[FREE_BYTES];
  if (lacking <= 0) {
    control[FREE_BYTES] -= growth;
    return length;
  }
  control[FAILED] += 1;
  if (lacking >= (int64_t)length) return 0;
  control[FREE_BYTES] = 0;
  return length - (size_t)lacking;
}

static ssize_t write_at(ssize_t (*real)(int, const void *, size_t, off64_t), int fd, const void *data, size_t length, off64_t offset) {
  if (role_at(fd) != DATABASE && role_at(fd) != SHARED_MEMORY) return real(fd, data, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t wrote = -1;
  if (!must_fail(WRITE)) {
    size_t room = room_for(fd, length, offset);
    if (room == 0 && length > 0) errno = (int)control[FAIL_ERRNO];
    else wrote = real(fd, data, room, offset);
    if (wrote > 0 && role_at(fd) == DATABASE) note(WRITE, descriptors[fd].name, data, (uint32_t)wrote, offset);
  }
  pthread_mutex_unlock(&lock);
  return wrote;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  return write_at(real, fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  return write_at(real, fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length) {
  REAL(ssize_t, "write", int, const void *, size_t);
  if (role_at(fd) == PROBE) {
    pthread_mutex_lock(&lock);
    ssize_t wrote = -1;
    if (!must_fail(WRITE)) {
      size_t room = room_for(fd, length, lseek(fd, 0, SEEK_CUR));
      if (room == 0 && length > 0) errno = (int)control[FAIL_ERRNO];
      else wrote = real(fd, data, room);
    }
    pthread_mutex_unlock(&lock);
    return wrote;
  }
  if (role_at(fd) != MARKS) return real(fd, data, length);
  pthread_mutex_lock(&lock);
  note(MARK, descriptors[fd].name, data, (uint32_t)length, 0);
  ssize_t wrote = real(fd, data, length);
  pthread_mutex_unlock(&lock);
  return wrote;
}

static int truncate_to(int fd, off64_t size) {
  REAL(int, "ftruncate64", int, off64_t);
  if (role_at(fd) != DATABASE && role_at(fd) != SHARED_MEMORY) return real(fd, size);
  pthread_mutex_lock(&lock);
  int result = -1;
  if (!must_fail(TRUNCATE)) {
    struct stat before;
    int64_t freed = fstat(fd, &before) == 0 ? before.st_size - size : 0;
    result = real(fd, size);
    if (result == 0 && freed > 0) control[FREE_BYTES] += freed;
    if (result == 0 && role_at(fd) == DATABASE) note(TRUNCATE, descriptors[fd].name, NULL, 0, size);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate64(int fd, off64_t size) { return truncate_to(fd, size); }
int ftruncate(int fd, off_t size) { return truncate_to(fd, size); }

static int sync_file(int (*real)(int), int fd) {
  int role = role_at(fd);
  if (role != DATABASE && role != FOLDER) return real(fd);
  if (control[SYNC_SLEEP_US] > 0) usleep((useconds_t)control[SYNC_SLEEP_US]);
  pthread_mutex_lock(&lock);
  /* SQLite ignores a folder that could not be synced: such a failure is no case. */
  int result = role == DATABASE && must_fail(SYNC) ? -1 : 0;
  int error = errno;
  /* While recording, an fsync is noted and not executed: images come from the record. */
  if (result == 0 && record < 0) result = real(fd);
  else if (record >= 0) note(result ? SYNC_FAILED : role == FOLDER ? SYNC_FOLDER : SYNC, descriptors[fd].name, NULL, 0, 0);
  pthread_mutex_unlock(&lock);
  if (result) errno = error;
  return result;
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  return sync_file(real, fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  return sync_file(real, fd);
}

static int open_file(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  int role = role_of(path);
  /* The folder's own name lacks the prefix's slash. */
  if (folder && strlen(path) + 1 == folder_length && strncmp(path, folder, folder_length - 1) == 0) role = FOLDER;
  /* A temporary file of SQLite, which has no name. */
  int is_temporary = role == FOLDER && (flags & O_TMPFILE) == O_TMPFILE;
  if (is_temporary) role = DATABASE;
  if (role == FOREIGN) return real(path, flags, mode);
  pthread_mutex_lock(&lock);
  int is_new = (flags & O_CREAT) && role == DATABASE && access(path, F_OK) != 0;
  int is_written = (flags & O_ACCMODE) != O_RDONLY && role == DATABASE;
  int fd = is_written && must_fail(OPEN) ? -1 : real(path, flags, mode);
  if (fd >= 0 && fd < DESCRIPTORS) {
    struct stat opened;
    fstat(fd, &opened);
    descriptors[fd].device = opened.st_dev;
    descriptors[fd].inode = opened.st_ino;
    descriptors[fd].role = role;
    free(descriptors[fd].name);
    descriptors[fd].name = strdup(role == FOLDER || is_temporary ? "" : name_of(path));
    if (is_new) note(OPEN, descriptors[fd].name, NULL, 0, 0);
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

#define MODE_OF(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open64(const char *path, int flags, ...) {
  REAL(int, "open64", const char *, int, ...);
  MODE_OF(flags)
  return open_file(real, path, flags, mode);
}

int open(const char *path, int flags, ...) {
  REAL(int, "open64", const char *, int, ...);
  MODE_OF(flags)
  return open_file(real, path, flags, mode);
}

int close(int fd) {
  REAL(int, "close", int);
  if (role_at(fd) == FOREIGN) return real(fd);
  pthread_mutex_lock(&lock);
  struct stat found;
  /* Closing a temporary file frees its space. */
  if (role_at(fd) == DATABASE && fstat(fd, &found) == 0 && found.st_nlink == 0) control[FREE_BYTES] += found.st_size;
  descriptors[fd].role = FOREIGN;
  pthread_mutex_unlock(&lock);
  return real(fd);
}

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  int role = role_of(path);
  if (role != DATABASE && role != PROBE) return real(path);
  pthread_mutex_lock(&lock);
  struct stat before;
  int64_t freed = stat(path, &before) == 0 ? before.st_size : 0;
  int result = role == DATABASE && must_fail(UNLINK) ? -1 : real(path);
  if (result == 0) {
    control[FREE_BYTES] += freed;
    if (role == DATABASE) note(UNLINK, name_of(path), NULL, 0, 0);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  if (role_of(from) != DATABASE || role_of(to) != DATABASE) return real(from, to);
  pthread_mutex_lock(&lock);
  int result = real(from, to);
  if (result == 0) note(RENAME, name_of(from), name_of(to), (uint32_t)strlen(name_of(to)), 0);
  pthread_mutex_unlock(&lock);
  return result;
}
