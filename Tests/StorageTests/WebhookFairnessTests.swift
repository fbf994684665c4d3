import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct WebhookFairnessTests {
    private let folder: TemporaryFolder
    private let store: JobStore
    private let now = Date(timeIntervalSince1970: 1_700_000_000)

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    private func cancelled(_ url: String, after seconds: Double = 0) throws -> String {
        var new = NewJob.sample()
        new.context.webhookURL = url
        let id = try store.enqueue(new, now: now).id
        _ = try store.cancel(id: id, now: now.addingTimeInterval(seconds))
        return id
    }

    /// Swift and SQL read the same out of an address.
    @Test(arguments: [
        ("https://example.org:443/hook", "https://example.org:443"), ("http://a/", "http://a"), ("http://a", "http://a"),
        ("http://[::1]:8080/x/y?z=/", "http://[::1]:8080"), ("https://example.org?x=/y", "https://example.org?x="),
        ("https://b\u{fc}cher.example/hook", "https://b\u{fc}cher.example"),
    ])
    func receivers(_ url: String, _ receiver: String) throws {
        let id = try cancelled(url)
        #expect(try store.webhook(jobID: id)?.receiver == receiver)
        #expect(try store.claimWebhook(now: now, leaseSeconds: 50, passing: [receiver]) == nil)
        #expect(try store.claimWebhook(now: now, leaseSeconds: 50, passing: [receiver + "x"])?.jobID == id)
    }

    @Test func thoseOfABusyReceiverArePassed() throws {
        let slow = try (0..<3).map { try cancelled("https://slow.example/\($0)", after: Double($0)) }
        let other = try cancelled("https://other.example/", after: 10)
        let due = now.addingTimeInterval(20)
        #expect(try store.claimWebhook(now: due, leaseSeconds: 50, passing: ["https://slow.example"])?.jobID == other)
        #expect(try store.claimWebhook(now: due, leaseSeconds: 50, passing: ["https://slow.example"]) == nil)
        #expect(try store.claimWebhook(now: due, leaseSeconds: 50)?.jobID == slow[0], "where they stood")
    }

    /// More than a claim looks at: they are put behind the others, and none is lost.
    @Test func manyOfABusyReceiverAreStillPassed() throws {
        let slow = try (0..<450).map { _ in try cancelled("https://slow.example/") }
        let other = try cancelled("https://other.example/", after: 1)
        let due = now.addingTimeInterval(20)
        #expect(try store.claimWebhook(now: due, leaseSeconds: 1e6, passing: ["https://slow.example"])?.jobID == other)
        var found: Set<String> = []
        while let delivery = try store.claimWebhook(now: due.addingTimeInterval(60), leaseSeconds: 1e6) { found.insert(delivery.jobID) }
        #expect(found == Set(slow))
    }

    /// Put off before the clock was set back three days.
    @Test func aClockThatWasSetBackHoldsNoWebhookUp() throws {
        let id = try cancelled("https://example.org/", after: 3 * 86_400)
        #expect(try store.nextWebhookAt(now: now, longestPauseSeconds: 86_400) == now)
        #expect(try store.claimWebhook(now: now, leaseSeconds: 50)?.jobID == id)
    }

    @Test func deletionTakesSettledOnesAlong() throws {
        let id = try cancelled("https://example.org/")
        let delivery = try #require(try store.claimWebhook(now: now, leaseSeconds: 50))
        try store.settleWebhook(id: delivery.id, status: 200, error: nil, retryAt: nil)
        try store.delete(id: id)
        #expect(try store.webhook(jobID: id) == nil)
        #expect(try store.totals().pendingWebhooks == 0)
    }
}
