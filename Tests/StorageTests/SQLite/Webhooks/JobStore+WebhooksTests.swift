import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreWebhooksTests {
    private let folder: TemporaryFolder
    private let store: JobStore
    private let now = Date(timeIntervalSince1970: 1_700_000_000)

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    private func enqueue(_ url: String? = "https://example.org/hook") throws -> String {
        var new = NewJob.sample()
        new.context = JobContext(keyID: "k", requestID: "r", traceparent: "t", tracestate: "s", webhookURL: url)
        return try store.enqueue(new, now: now).id
    }

    @Test func whereAJobCameFromComesBack() throws {
        let id = try enqueue()
        #expect(
            try store.job(id: id)?.context
                == JobContext(
                    keyID: "k", requestID: "r", traceparent: "t", tracestate: "s", webhookURL: "https://example.org/hook"))
        #expect(try store.job(id: store.enqueue(.sample()).id)?.context == JobContext())
    }

    /// Every way in which a job ends, each recorded once, with the end.
    @Test func everyEndRecordsAWebhook() throws {
        let ids = try (0..<5).map { _ in try enqueue() }
        for id in ids[..<3] { #expect(try store.claim(now: now, leaseSeconds: 60, worker: "w")?.id == id) }
        try store.finish(id: ids[0], JobOutput(format: "png", bytes: 1), now: now)
        try store.fail(id: ids[1], problemType: "p", detail: "d", now: now)
        try store.markCancelled(id: ids[2], now: now)
        _ = try store.cancel(id: ids[3], now: now)
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.requeueRunning(maxAttempts: 1, now: now)
        let expected = ["job.succeeded", "job.failed", "job.cancelled", "job.cancelled", "job.failed"]
        for (id, event) in zip(ids, expected) {
            let delivery = try #require(try store.webhook(jobID: id))
            #expect((delivery.event, delivery.url, delivery.keyID, delivery.attempts) == (event, "https://example.org/hook", "k", 0))
            #expect(delivery.id == "msg_" + id && delivery.nextAttemptAt == now && delivery.traceparent == "t")
        }
        #expect(try store.totals().pendingWebhooks == 5)
    }

    @Test func unfinishedJobsAndThoseWithoutAnAddressHaveNone() throws {
        let requeued = try enqueue(), silent = try enqueue(nil)
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        try store.release(id: requeued)
        _ = try store.cancel(id: silent)
        #expect(try store.webhook(jobID: requeued) == nil && store.webhook(jobID: silent) == nil)
        #expect(try store.nextWebhookAt() == nil)
    }

    @Test func aWebhookIsDueAgainUntilItIsSettled() throws {
        let id = try enqueue()
        _ = try store.cancel(id: id, now: now)
        let first = try #require(try store.claimWebhook(now: now, leaseSeconds: 50))
        #expect(first.attempts == 1 && first.body == nil)
        #expect(try store.claimWebhook(now: now.addingTimeInterval(49), leaseSeconds: 50) == nil)
        try store.setWebhookBody(id: first.id, "{}")
        // The process is gone; its lease ends.
        let second = try #require(try store.claimWebhook(now: now.addingTimeInterval(50), leaseSeconds: 50))
        #expect((second.id, second.attempts, second.body) == (first.id, 2, "{}"))

        let later = now.addingTimeInterval(300)
        try store.settleWebhook(id: first.id, status: 503, error: "busy", retryAt: later)
        #expect(try store.nextWebhookAt() == later)
        #expect(try store.claimWebhook(now: later, leaseSeconds: 50)?.lastStatus == 503)
        try store.settleWebhook(id: first.id, status: 200, error: nil, retryAt: nil)
        let delivered = try #require(try store.webhook(jobID: id))
        #expect((delivered.state, delivered.nextAttemptAt, delivered.lastStatus, delivered.lastError) == (.delivered, nil, 200, nil))
        #expect(try store.claimWebhook(now: .distantFuture, leaseSeconds: 50) == nil)
    }

    @Test func theLastAttemptEndsIt() throws {
        _ = try store.cancel(id: try enqueue(), now: now)
        let claimed = try #require(try store.claimWebhook(now: now, leaseSeconds: 50))
        try store.settleWebhook(id: claimed.id, status: nil, error: "unreachable", retryAt: nil)
        #expect(try store.webhook(jobID: claimed.jobID)?.state == .failed)
        #expect(try store.nextWebhookAt() == nil)
    }

    @Test func twoSendersNeverGetTheSame() throws {
        for _ in 0..<20 { _ = try store.cancel(id: try enqueue(), now: now) }
        let stores = try [store, folder.jobs()]
        let claimed = try onThreads(8) { index in
            try (0..<5).compactMap { _ in try stores[index % 2].claimWebhook(now: self.now, leaseSeconds: 50)?.id }
        }
        #expect(claimed.flatMap { $0 }.count == 20 && Set(claimed.flatMap { $0 }).count == 20)
    }
}
