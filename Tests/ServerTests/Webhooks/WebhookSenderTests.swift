import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

/// Real sockets on both sides.
@Suite(.timeLimit(.minutes(60))) struct WebhookSenderTests {
    private let secret = WebhookSecret()

    private func fixture(allowsPrivate: Bool = true, retrySeconds: [Double] = [0, 0, 0]) throws -> ServiceFixture {
        try ServiceFixture {
            $0.webhooks.secrets = [secret]
            $0.webhooks.allowsPrivateAddresses = allowsPrivate
            $0.webhooks.retrySeconds = retrySeconds
        }
    }

    private func settled(_ id: String, _ fixture: ServiceFixture) throws -> WebhookDelivery {
        try ServiceFixture.wait { try (fixture.jobs.webhook(jobID: id)?.state ?? .pending) != .pending }
        return try #require(try fixture.jobs.webhook(jobID: id))
    }

    private func field(_ request: Request, _ name: String) -> String {
        HTTPField.Name(name).flatMap { request.head.headerFields[$0] } ?? ""
    }

    @Test func theEndOfAJobIsPostedAndSigned() throws {
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try fixture()
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let answer = try fixture.call(
            "POST", "/v1/jobs?webhook=http://localhost:\(port)/hook?a%3D1", body: ServicePictures.picture(),
            fields: ["traceparent": traceparent, "tracestate": "v=1"])
        let id = try #require(try answer.json["id"]?.string)
        #expect(try answer.json["webhook"] == .string("http://localhost:\(port)/hook?a=1"))
        let delivery = try settled(id, fixture)
        #expect((delivery.state, delivery.attempts, delivery.lastStatus) == (.delivered, 1, 204))

        let request = try #require(receiver.received.first)
        #expect(request.head.method == .post && request.head.path == "/hook?a=1" && request.head.authority == "localhost:\(port)")
        #expect(field(request, "content-type") == "application/json" && field(request, "webhook-id") == "msg_" + id)
        let timestamp = try #require(Int(field(request, "webhook-timestamp")))
        #expect(abs(Date().timeIntervalSince1970 - Double(timestamp)) < 120)
        #expect(
            field(request, "webhook-signature")
                == secret.signature(id: "msg_" + id, timestamp: timestamp, body: String(decoding: request.body, as: UTF8.self)))
        let trace = try #require(TraceContext(traceparent: field(request, "traceparent"), tracestate: field(request, "tracestate")))
        #expect(trace.traceID == "0af7651916cd43dd8448eb211c80319c" && trace.spanID != "b7ad6b7169203331" && trace.tracestate == "v=1")

        let body = try JSONValue(json: request.body)
        #expect(body["type"] == .string("job.succeeded"))
        #expect(try body["data"] == fixture.call("GET", "/v1/jobs/\(id)").json)
        let contract = try OpenAPIContract.embedded.get()
        let schema = contract.root["components"]?["schemas"]?["JobEvent"] ?? .null
        #expect(SchemaCheck(root: contract.root).violations(body, schema).isEmpty)
    }

    /// Such a job is over before any worker has seen it.
    @Test func aJobThatReusesAResultIsToldToo() throws {
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try ServiceFixture {
            $0.webhooks.secrets = [secret]
            $0.webhooks.allowsPrivateAddresses = true
            $0.reusesResults = true
        }
        let picture = try ServicePictures.picture(), twin = try fixture.submit(picture)
        _ = try fixture.finished(twin)
        let id = try fixture.submit(picture, "?webhook=http://127.0.0.1:\(port)/")
        try receiver.next()
        let body = try JSONValue(json: #require(receiver.received.first).body)
        #expect(body["data"]?["id"] == .string(id) && body["data"]?["reused_from"] == .string(twin))
        #expect(try settled(id, fixture).state == .delivered)
    }

    @Test func whatFailsIsSentAgainWithTheSameIdAndBody() throws {
        let receiver = WebhookReceiver([500, 302, 200]), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try fixture()
        let id = try fixture.submit(ServicePictures.picture(), "?webhook=http://127.0.0.1:\(port)/")
        let delivery = try settled(id, fixture)
        #expect((delivery.state, delivery.attempts, delivery.lastStatus, delivery.lastError) == (.delivered, 3, 200, nil))
        let received = receiver.received
        #expect(received.count == 3 && received.allSatisfy { $0.path == "/" }, "a redirect is not followed")
        #expect(Set(received.map { field($0, "webhook-id") }).count == 1 && Set(received.map(\.body)).count == 1)
        #expect(try fixture.call("GET", "/metrics").text.contains("fidediff_webhook_attempts_total{outcome=\"retried\"} 2\n"))
    }

    @Test func itIsGivenUpAfterTheLastPauseOrWhenTheReceiverIsGone() throws {
        let fixture = try fixture(retrySeconds: [0])
        for (statuses, attempts) in [([500, 500, 500], 2), ([410], 1)] {
            let receiver = WebhookReceiver(statuses), port = try receiver.start()
            defer { receiver.stop() }
            let id = try fixture.submit(ServicePictures.picture(), "?webhook=http://127.0.0.1:\(port)/")
            let delivery = try settled(id, fixture)
            #expect((delivery.state, delivery.attempts, delivery.lastStatus) == (.failed, attempts, statuses[0]))
        }
    }

    @Test func aJobThatIsCancelledAndDeletedIsStillTold() throws {
        let receiver = WebhookReceiver([500]), port = try receiver.start()
        defer { receiver.stop() }
        let engine = try GatedEngine(isClosed: true)
        let fixture = try ServiceFixture(engine: engine) {
            $0.workers = 1
            $0.webhooks.secrets = [secret]
            $0.webhooks.allowsPrivateAddresses = true
            $0.webhooks.retrySeconds = [0.2]
        }
        _ = try fixture.submit(ServicePictures.picture())
        try engine.waitUntilHeld()
        let id = try fixture.submit(ServicePictures.picture(), "?webhook=http://127.0.0.1:\(port)/")
        #expect(try fixture.call("DELETE", "/v1/jobs/\(id)").status == 202)
        try receiver.next()
        #expect(try fixture.call("DELETE", "/v1/jobs/\(id)").status == 204)
        try receiver.next()
        #expect(receiver.received.count == 2 && Set(receiver.received.map(\.body)).count == 1)
        let body = try JSONValue(json: #require(receiver.received.last).body)
        #expect(body["type"] == .string("job.cancelled") && body["data"]?["id"] == .string(id))
        // Nothing stays of a deleted job once its webhook has arrived.
        try ServiceFixture.wait { try fixture.jobs.webhook(jobID: id) == nil }
    }

    /// What a crash leaves is sent by the next service.
    @Test func itSurvivesARestart() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        let id: String
        do {
            let fixture = try ServiceFixture(folder: folder) {
                $0.webhooks.secrets = [secret]
                $0.webhooks.allowsPrivateAddresses = true
                $0.webhooks.retrySeconds = [0, 0, 0, 0]
            }
            fixture.keepsFolder = true
            id = try fixture.submit(ServicePictures.picture(), "?webhook=http://127.0.0.1:1/")
            _ = try fixture.finished(id)
            let delivery = try settled(id, fixture)
            #expect((delivery.state, delivery.attempts, delivery.lastStatus) == (.failed, 5, nil) && delivery.lastError != nil)
        }
        let jobs = try JobStore(directory: folder, maxQueued: 1)
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let intake = Intake(jobs: jobs, blobs: try BlobStore(directory: folder.appendingPathComponent("pictures")), maxPixels: 10_000)
        let left = try intake.accept(
            ServicePictures.picture(), context: JobContext(webhookURL: "http://127.0.0.1:\(port)/")
        ).id
        _ = try jobs.cancel(id: left)
        try jobs.close()
        let next = try ServiceFixture(folder: folder) {
            $0.webhooks.secrets = [secret]
            $0.webhooks.allowsPrivateAddresses = true
        }
        #expect(try settled(left, next).state == .delivered)
    }

    @Test func addressesThatAreNotPublicAreRefused() throws {
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try fixture(allowsPrivate: false)
        for host in ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:127.0.0.1]"] {
            let answer = try fixture.call("POST", "/v1/jobs?webhook=http://\(host):\(port)/", body: ServicePictures.picture())
            #expect(answer.status == 400, "\(host)")
            #expect(try answer.json["what_to_do"]?.string?.contains("--webhook-allow-private") == true)
        }
        // Names, and digits that only a resolver reads, show what they are when they are resolved.
        for host in ["localhost", "127.1", "2130706433"] {
            let id = try fixture.submit(ServicePictures.picture(), "?webhook=http://\(host):\(port)/")
            let delivery = try settled(id, fixture)
            #expect((delivery.state, delivery.attempts) == (.failed, 1), "\(host)")
            #expect(delivery.lastError?.contains("not on the public Internet") == true)
        }
        #expect(receiver.received.isEmpty)
    }

    /// The name is resolved once, and what it stood for then is connected to.
    @Test func theCheckedAddressIsTheOneConnectedTo() throws {
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        var settings = WebhookSettings()
        settings.allowsPrivateAddresses = true
        let loopback = try #require(InternetAddress("127.0.0.1")), other = try #require(InternetAddress("127.0.0.2"))

        // A name that only our resolver knows: libcurl asks nobody.
        let known = WebhookClient(settings: settings, resolve: { _ in [loopback] })
        #expect(try known.post("{}", to: WebhookTarget("http://rebound.invalid:\(port)/x"), fields: []) == 204)
        #expect(receiver.received.map(\.head.authority) == ["rebound.invalid:\(port)"])

        // Where the URL would lead elsewhere than the checked address, there is no connection.
        let mismatched = WebhookClient(settings: settings, resolve: { _ in [other] })
        #expect(throws: WebhookClient.Failure.self) {
            _ = try mismatched.post("{}", to: WebhookTarget("http://127.0.0.1:\(port)/x"), fields: [])
        }

        // Of several addresses only the public ones are used, and without one none.
        settings.allowsPrivateAddresses = false
        let strict = WebhookClient(settings: settings, resolve: { _ in [loopback, other] })
        #expect(throws: WebhookClient.Failure.notPublic(host: "a.example", addresses: ["127.0.0.1", "127.0.0.2"])) {
            _ = try strict.post("{}", to: WebhookTarget("http://a.example:\(port)/"), fields: [])
        }
        #expect(receiver.received.count == 1)
    }

    @Test func badAddressesAndMissingSecretsAreExplained() throws {
        let open = try ServiceFixture()
        let off = try open.call("POST", "/v1/jobs?webhook=https://example.org/", body: ServicePictures.picture())
        #expect(off.status == 400)
        #expect(try off.json["what_to_do"]?.string?.contains("--webhook-secret") == true)
        for value in ["ftp://example.org/", "https://u:p@example.org/", ""] {
            #expect(try fixture().call("POST", "/v1/deblur?webhook=\(value)", body: ServicePictures.picture()).status == 400, "\(value)")
        }
        #expect(try open.jobs.totals().jobs == [:])
    }

    @Test func aKeysJobIsSignedWithItsOwnSecret() throws {
        let receiver = WebhookReceiver(), port = try receiver.start()
        defer { receiver.stop() }
        let fixture = try ServiceFixture {
            $0.requiresKeys = true
            $0.webhooks.allowsPrivateAddresses = true
        }
        let key = KeyText()
        try fixture.jobs.addKey(key.stored(name: "n", maySubmit: true, requestsPerMinute: nil, picturesPerDay: nil, webhookSecret: secret))
        try fixture.service.access.reload()
        let answer = try fixture.call(
            "POST", "/v1/jobs?webhook=http://127.0.0.1:\(port)/", body: ServicePictures.picture(),
            fields: ["Authorization": "Bearer \(key.text)"])
        #expect(answer.status == 202, "\(answer.text)")
        try receiver.next()
        let request = try #require(receiver.received.first)
        let timestamp = try #require(Int(field(request, "webhook-timestamp")))
        #expect(
            field(request, "webhook-signature")
                == secret.signature(
                    id: field(request, "webhook-id"), timestamp: timestamp, body: String(decoding: request.body, as: UTF8.self)))
    }
}
