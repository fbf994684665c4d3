/// Where a job came from and who wants to hear of it. Storage keeps it and reads nothing in it.
///
/// All nil for jobs of versions that did not keep it.
public struct JobContext: Sendable, Equatable {
    /// `AccessKey.id` of the caller; nil when the service asks for no keys.
    public var keyID: String?
    /// The id of the HTTP request that brought the job, as in the log.
    public var requestID: String?
    /// W3C Trace Context: the request's own span, parent of all that is done for the job.
    public var traceparent: String?
    public var tracestate: String?
    /// The URL that is told how the job ended.
    public var webhookURL: String?

    public init(
        keyID: String? = nil, requestID: String? = nil, traceparent: String? = nil, tracestate: String? = nil, webhookURL: String? = nil
    ) {
        self.keyID = keyID
        self.requestID = requestID
        self.traceparent = traceparent
        self.tracestate = tracestate
        self.webhookURL = webhookURL
    }
}
