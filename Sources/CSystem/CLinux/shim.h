// What Swift's Glibc module leaves out: readiness (epoll), wake-ups (eventfd), files to sockets (sendfile), a call that glibc has no
// function for, and two that it declares only under _GNU_SOURCE, which a module built before this one cannot be told.
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
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

// landlock(7). The version of its interface that this kernel has; below 1 where it has none, or it is switched off.
static inline int landlock_version(void) { return (int)syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION); }

// Rules that deny `handled` wherever nothing allows it. A descriptor, or -1 with errno.
static inline int landlock_rules(uint64_t handled) {
    struct landlock_ruleset_attr attributes = {.handled_access_fs = handled};
    return (int)syscall(__NR_landlock_create_ruleset, &attributes, sizeof attributes, 0);
}

// `folder`: a descriptor. 0, or -1 with errno.
static inline int landlock_allow_beneath(int rules, int folder, uint64_t allowed) {
    struct landlock_path_beneath_attr attributes = {.allowed_access = allowed, .parent_fd = folder};
    return (int)syscall(__NR_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attributes, 0);
}

// For the calling thread and those that it starts, for good; set-user-id programs lose their rights too. 0, or -1 with errno.
static inline int landlock_restrict_self(int rules) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -1 : (int)syscall(__NR_landlock_restrict_self, rules, 0);
}

// For a folder to name in a rule: a descriptor, or -1 with errno. O_PATH is declared only under _GNU_SOURCE.
static inline int open_folder_path(const char *path) { return open(path, __O_PATH | O_DIRECTORY | O_CLOEXEC); }
