// transfer.c: see transfer.h.
#include "transfer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// More of an answer than this is not waited for.
enum { maxAnswerBytes = 64 << 10 };

int transfer_start(void) { return (int)curl_global_init(CURL_GLOBAL_DEFAULT); }

// Whether `list` holds `text` as one of its entries.
static int contains(const char *list, const char *text) {
    size_t length = strlen(text);
    for (const char *entry = list; *entry;) {
        size_t entryLength = strcspn(entry, ",");
        if (entryLength == length && memcmp(entry, text, length) == 0) return 1;
        entry += entryLength;
        if (*entry == ',') entry++;
    }
    return 0;
}

// The last word on where a connection goes: whatever libcurl made of the URL, only the checked addresses are connected to.
static curl_socket_t openChecked(void *addresses, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)purpose;
    char text[INET6_ADDRSTRLEN] = "";
    const void *bytes = NULL;
    if (address->family == AF_INET) bytes = &((const struct sockaddr_in *)&address->addr)->sin_addr;
    if (address->family == AF_INET6) bytes = &((const struct sockaddr_in6 *)&address->addr)->sin6_addr;
    if (!bytes || !inet_ntop(address->family, bytes, text, sizeof text) || !contains(addresses, text)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t discard(char *bytes, size_t size, size_t count, void *total) {
    (void)bytes;
    size_t *seen = total;
    *seen += size * count;
    return *seen > maxAnswerBytes ? 0 : size * count;
}

static struct curl_slist *lines(const char *fields) {
    // An empty Expect keeps libcurl from waiting for 100 Continue.
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    char *copy = strdup(fields), *position = NULL;
    if (copy)
        for (char *line = strtok_r(copy, "\n", &position); line; line = strtok_r(NULL, "\n", &position)) list = curl_slist_append(list, line);
    free(copy);
    return list;
}

int transfer_post(const char *url, const char *resolve, const char *addresses, const char *fields, const void *body, size_t length,
                  long timeoutMilliseconds, const char *authorities, long *status, char *reason, size_t reasonSize) {
    *status = 0;
    char words[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    if (!curl) {
        snprintf(reason, reasonSize, "libcurl has no memory");
        return CURLE_OUT_OF_MEMORY;
    }
    struct curl_slist *headers = lines(fields), *entries = *resolve ? curl_slist_append(NULL, resolve) : NULL;
    size_t received = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_RESOLVE, entries);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, openChecked);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, (void *)addresses);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeoutMilliseconds);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "fidediff");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
    if (*authorities) curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);

    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    // The status was read before the body became too long.
    if (code == CURLE_WRITE_ERROR && received > maxAnswerBytes) code = CURLE_OK;
    if (code != CURLE_OK) snprintf(reason, reasonSize, "%s", *words ? words : curl_easy_strerror(code));
    curl_slist_free_all(headers);
    curl_slist_free_all(entries);
    curl_easy_cleanup(curl);
    return (int)code;
}
