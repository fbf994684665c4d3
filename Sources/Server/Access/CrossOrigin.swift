import HTTPTypes

/// CORS (the Fetch standard, section 3.2): which other sites' pages may call. Off unless origins are configured; credentials
/// in the sense of the standard (cookies) are never allowed, since the service has none.
struct CrossOrigin: Sendable {
    private static let methods = "GET, HEAD, POST, DELETE"
    private static let requestHeaders = """
        authorization, content-type, cache-control, idempotency-key, prefer, if-match, if-none-match, if-modified-since, if-unmodified-since, \
        if-range, range, last-event-id, traceparent, tracestate
        """
    private static let responseHeaders = """
        location, content-location, etag, retry-after, preference-applied, server-timing, accept-ranges, content-range, ratelimit, \
        ratelimit-policy, idempotent-replayed, fidediff-job, fidediff-request, fidediff-predicted-timestep, fidediff-unchanged, fidediff-reblur-psnr, \
        fidediff-reused-from, \
        fidediff-motion-scale
        """
    private static let maxAgeSeconds = 600

    /// The origins that are let in, as browsers send them, for instance https://example.org, or *.
    let origins: [String]

    /// The answer to a preflight request; nil when the request is none, or CORS is off.
    func preflight(_ head: HTTPRequest) -> Response? {
        guard !origins.isEmpty, head.method == .options, head.headerFields[.origin] != nil,
            head.headerFields[.accessControlRequestMethod] != nil
        else { return nil }
        var response = Response(status: .noContent)
        guard allows(head) else { return response }
        response.fields[.accessControlAllowMethods] = Self.methods
        response.fields[.accessControlAllowHeaders] = Self.requestHeaders
        response.fields[.accessControlMaxAge] = String(Self.maxAgeSeconds)
        return response
    }

    /// Adds what lets the page that sent the request read the response.
    func decorate(_ response: inout Response, for head: HTTPRequest) {
        guard !origins.isEmpty else { return }
        // Caches must not show one origin the answer for another.
        let varies = response.fields[.vary].map { $0 + ", Origin" } ?? "Origin"
        response.fields[.vary] = varies
        guard let origin = head.headerFields[.origin], allows(head) else { return }
        response.fields[.accessControlAllowOrigin] = origins.contains("*") ? "*" : origin
        response.fields[.accessControlExposeHeaders] = Self.responseHeaders
    }

    private func allows(_ head: HTTPRequest) -> Bool {
        guard let origin = head.headerFields[.origin] else { return false }
        return origins.contains("*") || origins.contains(origin)
    }
}
