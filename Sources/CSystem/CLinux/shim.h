// What Swift's Glibc module leaves out: readiness (epoll), wake-ups (eventfd), files to sockets (sendfile),
// and two calls that glibc declares only under _GNU_SOURCE, which a module built before this one cannot be told.
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

int accept4(int listener, struct sockaddr *restrict address, socklen_t *restrict length, int flags);
void *memmem(const void *haystack, size_t haystackLength, const void *needle, size_t needleLength);
