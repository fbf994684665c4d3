import HTTPTypes

/// The header fields that are this service's own, or that HTTPTypes does not know.
extension HTTPField.Name {
    /// T's prediction for the picture in the body, 0...999.
    static let fidediffPredictedTimestep = own("Fidediff-Predicted-Timestep")
    /// `true` where the picture in the body is the photograph itself, which was sharp; else `false`.
    static let fidediffUnchanged = own("Fidediff-Unchanged")
    /// The re-blur certificate of the picture in the body, dB.
    static let fidediffReblurPSNR = own("Fidediff-Reblur-PSNR")
    /// Id of the job that the response is about.
    static let fidediffJob = own("Fidediff-Job")
    /// The header field with the id of the request, as in the log.
    static let fidediffRequest = own("Fidediff-Request")
    /// Id of the job that the output was computed for, where it was not computed for this one.
    static let fidediffReusedFrom = own("Fidediff-Reused-From")
    /// How many times longer a motion is drawn than it is in the photograph below.
    static let fidediffMotionScale = own("Fidediff-Motion-Scale")
    /// `true` where an earlier request with the same Idempotency-Key made the job.
    static let idempotentReplayed = own("Idempotent-Replayed")
    static let idempotencyKey = own("Idempotency-Key")
    static let prefer = own("Prefer")
    static let preferenceApplied = own("Preference-Applied")
    static let serverTiming = own("Server-Timing")
    static let lastEventID = own("Last-Event-ID")
    static let xAccelBuffering = own("X-Accel-Buffering")
    static let rateLimit = own("RateLimit")
    static let rateLimitPolicy = own("RateLimit-Policy")
    static let traceparent = own("traceparent")
    static let tracestate = own("tracestate")
    static let xContentTypeOptions = own("X-Content-Type-Options")

    private static func own(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("'\(text)' is no field name (RFC 9110 section 5.1)") }
        return name
    }
}
