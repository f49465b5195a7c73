/* Calls to the disk that fail on request: loaded before the C library (LD_PRELOAD) by tests of the store.
 *
 * evenhand_arm(call, mode, error, folder): from now on count each write, sync, truncation and removal under `folder`;
 * at the call-th one, by mode, 1: fail it with `error`; 2: fail it and all that follow; 3: kill the process before it;
 * 4: write half of it and kill the process. call 0 counts and fails nothing. evenhand_disarm() gives the count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int armed, wanted, mode, error_number, calls;
static char prefix[4096];

void evenhand_arm(int call, int how, int error, const char *folder) {
  strncpy(prefix, folder, sizeof prefix - 1);
  wanted = call, mode = how, error_number = error, calls = 0, armed = 1;
}

int evenhand_disarm(void) {
  armed = 0;
  return calls;
}

static int ours(int handle) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, prefix, strlen(prefix)) == 0;
}

/* 0: go on; 1: fail; 2: write half and die. */
static int verdict(int is_ours) {
  if (!armed || !is_ours) return 0;
  calls++;
  if (wanted == 0 || calls < wanted) return 0;
  if (calls == wanted && mode == 3) kill(getpid(), SIGKILL);
  if (calls == wanted && mode == 4) return 2;
  if (calls == wanted || mode == 2) {
    errno = error_number;
    return 1;
  }
  return 0;
}

#define REAL(name, type, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int handle, const void *data, size_t count) {
  REAL(write, ssize_t, int, const void *, size_t);
  int say = verdict(armed && ours(handle));
  if (say == 2) { real(handle, data, count / 2); kill(getpid(), SIGKILL); }
  return say ? -1 : real(handle, data, count);
}

ssize_t pwrite64(int handle, const void *data, size_t count, off64_t offset) {
  REAL(pwrite64, ssize_t, int, const void *, size_t, off64_t);
  int say = verdict(armed && ours(handle));
  if (say == 2) { real(handle, data, count / 2, offset); kill(getpid(), SIGKILL); }
  return say ? -1 : real(handle, data, count, offset);
}

ssize_t pwrite(int handle, const void *data, size_t count, off_t offset) {
  return pwrite64(handle, data, count, offset);
}

#define ON_HANDLE(name, arguments, given, ...) \
  int name arguments { REAL(name, int, __VA_ARGS__); \
    int say = verdict(armed && ours(handle)); \
    if (say == 2) kill(getpid(), SIGKILL); \
    return say ? -1 : real given; }

ON_HANDLE(fsync, (int handle), (handle), int)
ON_HANDLE(fdatasync, (int handle), (handle), int)
ON_HANDLE(ftruncate64, (int handle, off64_t length), (handle, length), int, off64_t)

int ftruncate(int handle, off_t length) { return ftruncate64(handle, length); }

int unlink(const char *path) {
  REAL(unlink, int, const char *);
  int say = verdict(armed && strncmp(path, prefix, strlen(prefix)) == 0);
  if (say == 2) kill(getpid(), SIGKILL);
  return say ? -1 : real(path);
}
