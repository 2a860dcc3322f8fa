/* Preloaded into a process: writes down, in order, everything it does to files under RECORD_UNDER, into RECORD_LOG.
 *
 * A record is op (1 byte), inode (8), offset (8), length (8), then `length` bytes: what was written, or a path, or
 * "old\0new". Ops: C create, D open a directory, W write, T truncate to offset, S sync, R rename, U unlink, M mkdir.
 * Memory maps are not seen; SQLite maps its -shm file alone, which is made anew after a power cut.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FD 4096
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static uint64_t inode_of[MAX_FD];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static const char *under;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("RECORD_LOG");
    under = getenv("RECORD_UNDER");
    if (path && under)
        log_fd = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int watched(const char *path) {
    return log_fd >= 0 && path && strncmp(path, under, strlen(under)) == 0;
}

static void record(char op, uint64_t inode, uint64_t offset, const void *data, uint64_t length) {
    uint8_t head[25];
    head[0] = (uint8_t)op;
    memcpy(head + 1, &inode, 8);
    memcpy(head + 9, &offset, 8);
    memcpy(head + 17, &length, 8);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)data, length}};
    if (writev(log_fd, parts, 2) != (ssize_t)(sizeof head + length))
        abort(); /* a hole in the log would make the test lie */
}

static int opened(int fd, const char *path, int flags, int existed) {
    struct stat now;
    if (fd < 0 || fd >= MAX_FD || fstat(fd, &now))
        return fd;
    inode_of[fd] = now.st_ino;
    if (S_ISDIR(now.st_mode))
        record('D', now.st_ino, 0, path, strlen(path));
    else if (!existed)
        record('C', now.st_ino, 0, path, strlen(path));
    else if (flags & O_TRUNC)
        record('T', now.st_ino, 0, "", 0);
    return fd;
}

#define OPEN(name)                                                                  \
    int name(const char *path, int flags, ...) {                                    \
        va_list more;                                                               \
        va_start(more, flags);                                                      \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;   \
        va_end(more);                                                               \
        if (!watched(path))                                                         \
            return REAL(name)(path, flags, mode);                                   \
        pthread_mutex_lock(&lock);                                                  \
        struct stat before;                                                         \
        int existed = stat(path, &before) == 0;                                     \
        int fd = REAL(name)(path, flags, mode);                                     \
        int kept = errno;                                                           \
        opened(fd, path, flags, existed);                                           \
        errno = kept;                                                               \
        pthread_mutex_unlock(&lock);                                                \
        return fd;                                                                  \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    if (fd >= 0 && fd < MAX_FD)
        inode_of[fd] = 0;
    return REAL(close)(fd);
}

static uint64_t known(int fd) { return fd >= 0 && fd < MAX_FD ? inode_of[fd] : 0; }

ssize_t write(int fd, const void *data, size_t length) {
    if (!known(fd))
        return REAL(write)(fd, data, length);
    pthread_mutex_lock(&lock);
    ssize_t done = REAL(write)(fd, data, length);
    int kept = errno;
    if (done > 0)
        record('W', inode_of[fd], (uint64_t)(lseek(fd, 0, SEEK_CUR) - done), data, (uint64_t)done);
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

#define PWRITE(name, offset_type)                                                   \
    ssize_t name(int fd, const void *data, size_t length, offset_type offset) {     \
        if (!known(fd))                                                             \
            return REAL(name)(fd, data, length, offset);                            \
        pthread_mutex_lock(&lock);                                                  \
        ssize_t done = REAL(name)(fd, data, length, offset);                        \
        int kept = errno;                                                           \
        if (done > 0)                                                               \
            record('W', inode_of[fd], (uint64_t)offset, data, (uint64_t)done);      \
        errno = kept;                                                               \
        pthread_mutex_unlock(&lock);                                                \
        return done;                                                                \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

/* After the call succeeded one record is made of it. */
#define AFTER(result, condition, statement)                                         \
    pthread_mutex_lock(&lock);                                                      \
    int done = (result);                                                            \
    int kept = errno;                                                               \
    if (done == 0 && (condition))                                                   \
        statement;                                                                  \
    errno = kept;                                                                   \
    pthread_mutex_unlock(&lock);                                                    \
    return done;

int ftruncate(int fd, off_t size) { AFTER(REAL(ftruncate)(fd, size), known(fd), record('T', inode_of[fd], size, "", 0)) }
int ftruncate64(int fd, off64_t size) {
    AFTER(REAL(ftruncate64)(fd, size), known(fd), record('T', inode_of[fd], size, "", 0))
}
int fsync(int fd) { AFTER(REAL(fsync)(fd), known(fd), record('S', inode_of[fd], 0, "", 0)) }
int fdatasync(int fd) { AFTER(REAL(fdatasync)(fd), known(fd), record('S', inode_of[fd], 0, "", 0)) }
int mkdir(const char *path, mode_t mode) {
    AFTER(REAL(mkdir)(path, mode), watched(path), record('M', 0, 0, path, strlen(path)))
}
int unlink(const char *path) { AFTER(REAL(unlink)(path), watched(path), record('U', 0, 0, path, strlen(path))) }

static void renamed(const char *old, const char *new) {
    size_t first = strlen(old) + 1, second = strlen(new);
    char *both = malloc(first + second);
    if (!both)
        abort();
    memcpy(both, old, first);
    memcpy(both + first, new, second);
    record('R', 0, 0, both, first + second);
    free(both);
}
int rename(const char *old, const char *new) { AFTER(REAL(rename)(old, new), watched(old), renamed(old, new)) }
