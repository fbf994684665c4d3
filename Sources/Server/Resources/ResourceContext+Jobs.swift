import Foundation
import Storage

/// Whose job it is, and where it came from: the same for every call about a job.
extension ResourceContext {
    /// The job that the path names, if the caller may see it. Another key's job is as unknown as one that never was.
    /// - Throws: `Problem` (unknown_job, job_expired)
    func job(_ call: Call) throws -> Job {
        guard let job = try jobs.job(id: call.id), call.caller.maySee(job) else { throw try missing(call.id, keyID: call.caller.keyID) }
        // Not yet swept away, and gone all the same.
        guard !configuration.retention.isOver(job) else { throw Self.expired(job.id) }
        return job
    }

    /// A job as it is now that the caller was let at before; it may be gone since.
    /// - Throws: `Problem` (unknown_job, job_expired)
    func current(_ job: Job) throws -> Job {
        if let current = try jobs.job(id: job.id) { return current }
        throw try missing(job.id, keyID: job.context.keyID)
    }

    private func missing(_ id: String, keyID: String?) throws -> Problem {
        try jobs.hasExpired(id: id, keyID: keyID)
            ? Self.expired(id)
            : Problem(.unknownJob, "there is no job \(id.prefix(64))")
    }

    private static func expired(_ id: String) -> Problem {
        Problem(.jobExpired, "job \(id) was finished, and has been removed with its pictures")
    }

    /// What a new job keeps of the call that makes it.
    /// - Throws: `Problem` (invalid_parameter) for a webhook that cannot be sent
    func context(of call: Call, _ options: JobOptions) throws -> JobContext {
        if let webhook = options.webhook { try check(webhook, of: call.caller) }
        let trace = call.trace ?? TraceContext()
        return JobContext(
            keyID: call.caller.keyID, requestID: call.request.id, traceparent: trace.traceparent, tracestate: trace.tracestate,
            webhookURL: options.webhook?.text)
    }

    /// What can be told before the job is settled; names are resolved, and looked at again, when the webhook is sent.
    private func check(_ webhook: WebhookTarget, of caller: Caller) throws {
        let settings = configuration.webhooks
        if caller == .anyone, settings.secrets.isEmpty {
            throw Problem.parameter(
                "webhook", "is not possible: the service has no secret to sign with", "ask the operator to set --webhook-secret")
        }
        if let address = InternetAddress(webhook.host), !address.isPublic, !settings.allowsPrivateAddresses {
            throw Problem.parameter(
                "webhook", "leads to \(address), which is not on the public Internet",
                "give a public address, or ask the operator to set --webhook-allow-private")
        }
    }
}
