// transfer.h: one HTTP POST over libcurl. In C because curl_easy_setopt takes variable arguments, which Swift cannot call.
#pragma once
#include <stddef.h>

// Once, before the first transfer. 0 = success.
int transfer_start(void);

// Posts `body` to `url` and waits for the whole answer, which is discarded.
// resolve:     an entry for CURLOPT_RESOLVE, HOST:PORT:ADDRESS[,ADDRESS]; empty when the URL holds the address itself.
// addresses:   numeric, separated by commas; a connection to any other is refused.
// fields:      header lines separated by \n.
// authorities: PEM file that https is checked against; empty = the system's.
// Returns 0 when an answer came, and its status; else libcurl's code, and its words in `reason`.
int transfer_post(const char *url, const char *resolve, const char *addresses, const char *fields, const void *body, size_t length,
                  long timeoutMilliseconds, const char *authorities, long *status, char *reason, size_t reasonSize);
