import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

/// GET /v1/jobs/{id}/webhook, from a job that waits to the end of its webhook.
@Suite(.timeLimit(.minutes(60))) struct WebhookResourceTests {
    private func fixture(isClosed: Bool = false, allowsPrivate: Bool = true, retrySeconds: [Double] = [3_600]) throws -> ServiceFixture {
        try ServiceFixture(engine: GatedEngine(isClosed: isClosed)) {
            $0.webhooks.secrets = [WebhookSecret()]
            $0.webhooks.allowsPrivateAddresses = allowsPrivate
            $0.webhooks.retrySeconds = retrySeconds
        }
    }

    private func webhook(_ id: String, _ fixture: ServiceFixture) throws -> JSONValue {
        let answer = try fixture.call("GET", "/v1/jobs/\(id)/webhook")
        #expect(answer.status == 200 && answer.fields["fidediff-job"] == id)
        return try answer.json
    }

    /// The webhook once an attempt at it has been stored.
    private func attempted(_ id: String, _ fixture: ServiceFixture) throws -> JSONValue {
        try ServiceFixture.wait {
            let delivery = try fixture.jobs.webhook(jobID: id)
            return delivery?.lastStatus != nil || delivery?.lastError != nil
        }
        return try webhook(id, fixture)
    }

    @Test func itIsPendingUntilItIsDelivered() throws {
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try fixture(isClosed: true)
        let job = try fixture.call("POST", "/v1/jobs?webhook=http://127.0.0.1:\(port)/x", body: ServicePictures.picture()).json
        let id = try #require(job["id"]?.string)
        #expect(job["links"]?["webhook"] == .string("/v1/jobs/\(id)/webhook"))
        try fixture.engine.waitUntilHeld()
        let waiting = try webhook(id, fixture)
        #expect(waiting["url"] == .string("http://127.0.0.1:\(port)/x") && waiting["state"] == .string("pending"))
        #expect(waiting["attempts"] == .integer(0) && waiting["id"] == .null && waiting["next_attempt_at"] == .null)

        fixture.engine.open()
        let delivered = try attempted(id, fixture)
        #expect(delivered["state"] == .string("delivered") && delivered["event"] == .string("job.succeeded"))
        #expect(delivered["attempts"] == .integer(1) && delivered["last_status"] == .integer(204))
        #expect(delivered["id"] == .string("msg_\(id)") && delivered["last_error"] == .null && delivered["next_attempt_at"] == .null)
        let finishedAt = try #require(try fixture.finished(id).finishedAt)
        #expect(try #require(delivered["last_attempt_at"]?.string) >= RFC3339.text(finishedAt))
    }

    @Test func whatFailedSaysWhyAndWhenItIsTriedNext() throws {
        let receiver = WebhookReceiver([503]), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try fixture()
        let before = Date()
        let id = try fixture.submit(ServicePictures.picture(), "?webhook=http://127.0.0.1:\(port)/")
        let retried = try attempted(id, fixture)
        #expect(retried["state"] == .string("pending") && retried["attempts"] == .integer(1) && retried["last_status"] == .integer(503))
        #expect(retried["last_error"] == .string("the receiver answered 503"))
        let next = try Date(
            #require(retried["next_attempt_at"]?.string), strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        // The pause is spread a little, so that many do not come at once.
        #expect((1_800...7_200).contains(next.timeIntervalSince(before)))
    }

    @Test func whatIsGivenUpHasFailed() throws {
        let receiver = WebhookReceiver([410]), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try fixture()
        let id = try fixture.submit(ServicePictures.picture(), "?webhook=http://127.0.0.1:\(port)/")
        let failed = try attempted(id, fixture)
        #expect(failed["state"] == .string("failed") && failed["next_attempt_at"] == .null && failed["last_status"] == .integer(410))
    }

    /// Who gave a name learns that it is special, and not what it stands for in the operator's network.
    @Test func theAddressOfANameIsNotTold() throws {
        let fixture = try fixture(allowsPrivate: false)
        let id = try fixture.submit(ServicePictures.picture(), "?webhook=http://localhost:1/")
        let failed = try attempted(id, fixture)
        #expect(failed["state"] == .string("failed") && failed["last_status"] == .null)
        #expect(failed["last_error"] == .string("localhost is not on the public Internet"))
    }

    @Test func aJobWithoutOneSaysSo() throws {
        let fixture = try fixture()
        let id = try fixture.submit(ServicePictures.picture())
        let answer = try fixture.call("GET", "/v1/jobs/\(id)/webhook")
        #expect(answer.status == 404)
        #expect(try answer.problem == "no_webhook" && answer.json["job"] == .string("/v1/jobs/\(id)"))
        #expect(try fixture.call("GET", "/v1/jobs/\(JobID.make())/webhook").problem == "unknown_job")
    }

    @Test func whatWasSettledLongAgoIsForgotten() throws {
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try fixture()
        let id = try fixture.submit(ServicePictures.picture(), "?webhook=http://127.0.0.1:\(port)/")
        _ = try attempted(id, fixture)
        try fixture.jobs.forgetOldRecords(now: Date().addingTimeInterval(31 * 86_400))
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/webhook").problem == "no_webhook")
    }

    @Test func itIsVisibleToTheJobsKeyAlone() throws {
        let fixture = try ServiceFixture {
            $0.requiresKeys = true
            $0.webhooks.allowsPrivateAddresses = true
        }
        let keys = try (0..<2).map { _ in
            let key = KeyText()
            try fixture.jobs.addKey(
                key.stored(
                    name: "n", maySubmit: true, requestsPerMinute: nil, picturesPerDay: nil, webhookSecret: WebhookSecret()))
            return ["Authorization": "Bearer \(key.text)"]
        }
        try fixture.service.access.reload()
        let answer = try fixture.call("POST", "/v1/jobs?webhook=http://127.0.0.1:1/", body: ServicePictures.picture(), fields: keys[0])
        let path = try #require(try answer.json["links"]?["webhook"]?.string)
        #expect(try fixture.call("GET", path, fields: keys[0]).status == 200)
        let other = try fixture.call("GET", path, fields: keys[1])
        #expect(try other.status == 404 && other.problem == "unknown_job")
        #expect(try fixture.call("GET", path).status == 401)
    }
}
