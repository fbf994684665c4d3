import Foundation
import HTTPTypes
import Storage

/// /v1/jobs/{id}/webhook: what became of the webhook that a job was given. It lives as long as its job.
struct WebhookResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [Route(.get, "/v1/jobs/{id}/webhook", problems: [.unknownJob, .noWebhook], .blocking(show))]
    }

    private func show(_ call: Call) throws -> Response {
        let job = try context.job(call)
        guard let url = job.context.webhookURL else {
            throw Problem(.noWebhook, "job \(job.id) was given no address to tell", job: job.id)
        }
        // Recorded in the transaction that ends the job, so a settled job has one; settled ones are forgotten after a while.
        let delivery = try context.jobs.webhook(jobID: job.id)
        guard delivery != nil || !job.state.isFinal else {
            throw Problem(.noWebhook, "the webhook of job \(job.id) was settled long ago, and is no longer recorded", job: job.id)
        }
        return .json(WebhookDocument(url: url, delivery: delivery), fields: [.fidediffJob: job.id])
    }
}
