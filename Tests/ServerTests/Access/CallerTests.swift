import Foundation
import Storage
import Testing
@testable import Server

/// One API key learns nothing of another's pictures, by no way that makes two requests one.
@Suite(.timeLimit(.minutes(60))) struct CallerTests {
    private let fixture: ServiceFixture
    private let ada: [String: String], ben: [String: String]

    init() throws {
        let fixture = try ServiceFixture {
            $0.requiresKeys = true
            $0.reusesResults = true
        }
        func key() throws -> [String: String] {
            let key = KeyText()
            try fixture.jobs.addKey(
                key.stored(
                    name: "test", maySubmit: true, requestsPerMinute: nil, picturesPerDay: nil, webhookSecret: WebhookSecret()))
            return ["Authorization": "Bearer \(key.text)"]
        }
        self.fixture = fixture
        (ada, ben) = (try key(), try key())
        try fixture.service.access.reload()
    }

    private func submit(_ picture: Data, _ fields: [String: String], _ more: [String: String] = [:]) throws -> HTTPLoopbackClient.Answer {
        let answer = try fixture.call("POST", "/v1/jobs", body: picture, fields: fields.merging(more) { $1 })
        if answer.status == 202 { _ = try fixture.finished(#require(try answer.json["id"]?.string)) }
        return answer
    }

    @Test func resultsAreReusedWithinOneKeyOnly() throws {
        let picture = try ServicePictures.picture()
        let first = try #require(try submit(picture, ada).json["id"]?.string)
        let others = try submit(picture, ben)
        #expect(try others.json["reused_from"] == .null && others.fields["fidediff-reused-from"] == nil)
        #expect(fixture.engine.count == 2)
        #expect(try submit(picture, ada).fields["fidediff-reused-from"] == first)
        #expect(fixture.engine.count == 2)
    }

    @Test func idempotencyKeysAreEachKeysOwn() throws {
        let once = ["Idempotency-Key": "1"]
        let first = try submit(ServicePictures.picture(), ada, once)
        // Under one key this would be a replay, or a conflict that tells of the other picture.
        let others = try submit(ServicePictures.picture(50, 50), ben, once)
        #expect(others.status == 202 && others.fields["idempotent-replayed"] == nil)
        #expect(try others.json["id"] != first.json["id"])
        let again = try submit(ServicePictures.picture(), ada, once)
        #expect(again.fields["idempotent-replayed"] == "true")
        #expect(try again.json["id"] == first.json["id"])
        #expect(try submit(ServicePictures.picture(50, 50), ada, once).status == 422)
    }

    @Test func aCursorIsOfOneKeysList() throws {
        for side in [40, 50] { _ = try submit(ServicePictures.picture(side, side), ada) }
        let page = try fixture.call("GET", "/v1/jobs?limit=1", fields: ada).json
        let cursor = try #require(page["next_cursor"]?.string)
        #expect(try fixture.call("GET", "/v1/jobs?limit=1&cursor=\(cursor)", fields: ada).status == 200)
        #expect(try fixture.call("GET", "/v1/jobs?limit=1&cursor=\(cursor)", fields: ben).status == 400)
    }
}
