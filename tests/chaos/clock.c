// Preloaded, it moves the wall clock of a running process by the seconds in the file that CLITRON_FAULT_CLOCK names.
// Monotonic clocks go on as they are: what is measured by them is right whatever the wall clock says.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char file[4096];
static atomic_long offset, looked;

// Between two looks at the file, in milliseconds: soon for a person, seldom for a program that asks for the time at every turn.
static const long pause_ms = 100;

__attribute__((constructor)) static void find_file(void) {
  const char *name = getenv("CLITRON_FAULT_CLOCK");
  if (name && strlen(name) < sizeof file) strcpy(file, name);
}

static void read_offset(void) {
  struct timespec now;
  if (!*file || syscall(SYS_clock_gettime, CLOCK_MONOTONIC_COARSE, &now)) return;
  long ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
  if (looked && ms - looked < pause_ms) return;
  looked = ms;
  int error = errno;
  char text[32];
  int open_file = open(file, O_RDONLY | O_CLOEXEC);
  ssize_t length = open_file < 0 ? 0 : read(open_file, text, sizeof text - 1);
  if (open_file >= 0) close(open_file);
  // Without a file, or with one that is just being written, the clock stays where it is.
  if (length > 0) {
    text[length] = 0;
    offset = strtol(text, NULL, 10);
  }
  errno = error;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int failed = syscall(SYS_clock_gettime, clock, now);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    read_offset();
    now->tv_sec += offset;
  }
  return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec exact;
  (void)zone;
  int failed = clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return failed;
}

time_t time(time_t *into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}
