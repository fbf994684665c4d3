// Backend+Jobs.swift: whose job it is, where it came from, and how it is shown: the same for every call about a job.

import Foundation
import Storage

extension Backend {
    /// The job that the path names, if the caller may see it. Another key's job is as unknown as one that never was.
    /// - Throws: `Problem` (unknown_job, job_expired)
    func job(_ call: Call) throws -> Job {
        if let job = try jobs.job(id: call.id), call.caller.maySee(job) { return job }
        if try jobs.hasExpired(id: call.id, keyID: call.caller.keyID) {
            throw Problem(.jobExpired, "job \(call.id) was finished, and has been removed with its pictures")
        }
        throw Problem(.unknownJob, "there is no job \(call.id.prefix(64))")
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

    func document(_ job: Job, queuePosition: Int?) -> JobDocument {
        let age = configuration.retention.maxAgeSeconds
        return JobDocument(job: job, queuePosition: queuePosition, expiresAt: age.flatMap { job.finishedAt?.addingTimeInterval($0) })
    }

    /// What can be told before the job is done; names are resolved, and looked at again, when the webhook is sent.
    private func check(_ webhook: WebhookTarget, of caller: Caller) throws {
        let settings = configuration.webhooks
        if caller == .anyone, settings.secrets.isEmpty {
            throw Problem.parameter("webhook", "is not possible: the service has no secret to sign with", "ask the operator to set --webhook-secret")
        }
        if let address = InternetAddress(webhook.host), !address.isPublic, !settings.allowsPrivateAddresses {
            throw Problem.parameter(
                "webhook", "leads to \(address), which is not on the public Internet",
                "give a public address, or ask the operator to set --webhook-allow-private")
        }
    }
}
