import Foundation
import Glibc
import Storage
import Testing
@testable import Server

/// A receiver that is silent, and jobs that go before their webhooks are sent.
@Suite(.timeLimit(.minutes(60))) struct WebhookIsolationTests {
    /// Takes connections (the kernel does, up to its backlog) and says nothing.
    private final class SilentReceiver {
        let port: UInt16
        private let descriptor: Int32

        init() throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let isBound = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && listen(descriptor, 128) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            try #require(isBound)
            port = UInt16(bigEndian: address.sin_port)
        }

        deinit { close(descriptor) }
    }

    private func fixture() throws -> ServiceFixture {
        try ServiceFixture {
            $0.webhooks.secrets = [WebhookSecret()]
            $0.webhooks.allowsPrivateAddresses = true
        }
    }

    @Test func aSilentReceiverDelaysNobodyElse() throws {
        let silent = try SilentReceiver(), receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try fixture(), picture = try ServicePictures.picture(16, 16)
        for _ in 0..<40 { _ = try fixture.finished(fixture.submit(picture, "?webhook=http://127.0.0.1:\(silent.port)/")) }
        _ = try fixture.submit(picture, "?webhook=http://127.0.0.1:\(port)/")
        // All of the others before it would take 40 x 20 s, on however many places.
        try receiver.next()
        withExtendedLifetime(silent) {}
    }

    /// No attempt was made yet: what it would have said of the job is written down when the job goes.
    @Test(arguments: ["DELETE", "retention"])
    func aWebhookOutlivesItsJob(_ way: String) throws {
        let silent = try SilentReceiver(), fixture = try fixture(), picture = try ServicePictures.picture(16, 16)
        let ids = try (0..<3).map { _ in try fixture.submit(picture, "?webhook=http://127.0.0.1:\(silent.port)/") }
        for id in ids { _ = try fixture.finished(id) }
        try ServiceFixture.wait { try ids.filter { try fixture.jobs.webhook(jobID: $0)?.attempts == 1 }.count == 2 }
        let waiting = try #require(try ids.first { try fixture.jobs.webhook(jobID: $0)?.attempts == 0 })
        #expect(try fixture.jobs.webhook(jobID: waiting)?.body == nil)
        if way == "DELETE" {
            #expect(try fixture.call("DELETE", "/v1/jobs/\(waiting)").status == 204)
        } else {
            let sweep = RetentionSweep(
                retention: Retention(maxJobs: 0), jobs: fixture.jobs,
                garbage: GarbageSweep(jobs: fixture.jobs, blobs: fixture.blobs, doubtful: DoubtfulPictures(), logger: LogRecord().logger),
                metrics: Metrics(), logger: LogRecord().logger, webhookBody: fixture.service.webhookBody)
            #expect(try sweep.sweep(now: Date().addingTimeInterval(100)).count == 3)
        }
        let left = try #require(try fixture.jobs.webhook(jobID: waiting))
        let body = try JSONValue(json: Data(#require(left.body).utf8))
        #expect(body["type"] == .string("job.succeeded") && body["data"]?["id"] == .string(waiting))
        #expect(left.state == .pending)
        withExtendedLifetime(silent) {}
    }

    /// Kept for a job that is gone, it is sent, and then nothing is known of it any more.
    @Test func whatWasWrittenDownIsSentAndForgotten() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let jobs = try JobStore(directory: folder, maxQueued: 10)
        let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
        let id = try Intake(jobs: jobs, blobs: blobs, maxPixels: 10_000).accept(
            ServicePictures.picture(), context: JobContext(webhookURL: "http://127.0.0.1:\(port)/")
        ).id
        _ = try jobs.cancel(id: id)
        try jobs.delete(id: id) { job, delivery in "\(job.id) \(delivery.event)" }
        try jobs.close()
        let fixture = try ServiceFixture(folder: folder) {
            $0.webhooks.secrets = [WebhookSecret()]
            $0.webhooks.allowsPrivateAddresses = true
        }
        try receiver.next()
        #expect(receiver.received.map { String(decoding: $0.body, as: UTF8.self) } == ["\(id) job.cancelled"])
        try ServiceFixture.wait { try fixture.jobs.webhook(jobID: id) == nil }
    }
}
