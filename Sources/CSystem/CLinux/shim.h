// What Swift's Glibc module leaves out: readiness (epoll), wake-ups (eventfd), files to sockets (sendfile), a call that glibc has no
// function for, and two that it declares only under _GNU_SOURCE, which a module built before this one cannot be told.
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int accept4(int listener, struct sockaddr *restrict address, socklen_t *restrict length, int flags);
void *memmem(const void *haystack, size_t haystackLength, const void *needle, size_t needleLength);

// A file without a name (O_TMPFILE, which is declared only under _GNU_SOURCE). A descriptor, or -1 with errno.
static inline int open_unnamed_file(const char *directory) { return open(directory, __O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

// sched_setattr(2): how long the calling thread wants to run at a stretch. A thread that asks for little is let in before those that ask for more,
// and gets the same share of the processor in the end. Threads that it starts do not inherit it. 0, or -1 with errno.
static inline int request_time_slice(uint64_t nanoseconds) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = 48, .flags = 1 /* SCHED_FLAG_RESET_ON_FORK */, .nice = getpriority(PRIO_PROCESS, 0), .runtime = nanoseconds};
    _Static_assert(sizeof attributes == 48, "SCHED_ATTR_SIZE_VER0");
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}
