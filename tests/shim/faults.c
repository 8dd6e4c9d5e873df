/* Faults of the system for the program under test, put before the C library by LD_PRELOAD:
 *
 *   FAULT_READ=NAME:FROM[:TO]   reading a file whose path ends in NAME fails with EIO from byte FROM to byte TO
 *   FAULT_EINTR=1               every other reading of a file or pipe is interrupted, by thread
 *   FAULT_INOTIFY=init|watch    no inotify instance is to be had (EMFILE), or no watch (ENOSPC)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The bytes of a file that cannot be read; 0 where all can. */
static int bad(int fd, off64_t *from, off64_t *to) {
    const char *rule = getenv("FAULT_READ");
    const char *colon = rule ? strchr(rule, ':') : NULL;
    if (!colon)
        return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    size_t name = (size_t)(colon - rule);
    if (len < (ssize_t)name || memcmp(path + len - name, rule, name) != 0)
        return 0;
    char *rest;
    *from = strtoll(colon + 1, &rest, 10);
    *to = *rest == ':' ? strtoll(rest + 1, NULL, 10) : INT64_MAX;
    return 1;
}

/* Whether this reading is to be interrupted. */
static int interrupted(int fd) {
    static __thread unsigned count;
    struct stat meta;
    if (!getenv("FAULT_EINTR") || fstat(fd, &meta) != 0)
        return 0;
    if (!S_ISREG(meta.st_mode) && !S_ISFIFO(meta.st_mode))
        return 0;
    return count++ % 2 == 0;
}

/* How many bytes may be read at a place; -1 with errno where none. */
static ssize_t allowed(int fd, size_t want, off64_t at) {
    off64_t from, to;
    if (interrupted(fd)) {
        errno = EINTR;
        return -1;
    }
    if (at < 0 || !bad(fd, &from, &to) || at >= to || at + (off64_t)want <= from)
        return (ssize_t)want;
    if (at >= from) {
        errno = EIO;
        return -1;
    }
    return (ssize_t)(from - at);
}

ssize_t read(int fd, void *out, size_t want) {
    static ssize_t (*real)(int, void *, size_t);
    if (!real)
        real = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    ssize_t may = want ? allowed(fd, want, lseek64(fd, 0, SEEK_CUR)) : 0;
    return may < 0 ? may : real(fd, out, (size_t)may);
}

ssize_t pread64(int fd, void *out, size_t want, off64_t at) {
    static ssize_t (*real)(int, void *, size_t, off64_t);
    if (!real)
        real = (ssize_t(*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
    ssize_t may = want ? allowed(fd, want, at) : 0;
    return may < 0 ? may : real(fd, out, (size_t)may, at);
}

int inotify_init1(int flags) {
    const char *fault = getenv("FAULT_INOTIFY");
    if (fault && strcmp(fault, "init") == 0) {
        errno = EMFILE;
        return -1;
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "inotify_init1");
    return real(flags);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask) {
    if (getenv("FAULT_INOTIFY")) {
        errno = ENOSPC;
        return -1;
    }
    int (*real)(int, const char *, uint32_t) =
        (int (*)(int, const char *, uint32_t))dlsym(RTLD_NEXT, "inotify_add_watch");
    return real(fd, path, mask);
}
