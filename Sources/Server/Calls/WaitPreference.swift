import HTTPTypes

/// How long a request waits for its job, and what of the client's preferences was followed (RFC 7240).
struct WaitPreference: Sendable {
    /// Seconds that the client wants to wait; 0 = not at all.
    let seconds: Double
    private let wait: Int?  // as followed: a wish beyond the service's limit is cut to it
    private let respondsAsync: Bool

    /// - Parameter byDefault: waits where nothing is preferred, as a call does whose answer is the result.
    init(_ fields: HTTPFields, maxWaitSeconds: Double, byDefault: Bool) {
        let prefer = Prefer(fields[.prefer] ?? "")
        respondsAsync = prefer.respondAsync
        wait = prefer.waitSeconds.map { min($0, Int(maxWaitSeconds)) }
        seconds = wait.map(Double.init) ?? (byDefault && !respondsAsync ? maxWaitSeconds : 0)
    }

    /// Section 3: names what made a difference.
    func applied(to response: Response) -> Response {
        var parts: [String] = []
        if respondsAsync, response.status == .accepted { parts.append("respond-async") }
        if let wait { parts.append("wait=\(wait)") }
        guard !parts.isEmpty else { return response }
        var response = response
        response.fields[.preferenceApplied] = parts.joined(separator: ", ")
        return response
    }
}
