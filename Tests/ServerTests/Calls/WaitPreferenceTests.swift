import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

/// RFC 7240 on POST /v1/deblur, POST /v1/jobs and GET /v1/jobs/{id}; clients that leave.
@Suite(.timeLimit(.minutes(60))) struct WaitPreferenceTests {
    private func held(_ change: @escaping (inout Configuration) -> Void = { _ in }) throws -> ServiceFixture {
        try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            change(&$0)
        }
    }

    @Test func respondAsyncAnswersWithTheJob() throws {
        let fixture = try held()
        let answer = try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture(), fields: ["Prefer": "respond-async"])
        #expect(answer.status == 202, "\(answer.text)")
        #expect(answer.fields["preference-applied"] == "respond-async")
        let id = try #require(answer.fields["fidediff-job"])
        #expect(answer.fields["location"] == "/v1/jobs/\(id)")
        #expect(try #require(answer.fields["retry-after"].flatMap { Int($0) }) >= 1)
        #expect(try answer.json["id"] == .string(id))
        fixture.engine.open()
        #expect(try fixture.finished(id).state == .succeeded)
    }

    @Test func aWaitThatIsLongEnoughGetsThePicture() throws {
        let fixture = try ServiceFixture()
        let answer = try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture(), fields: ["Prefer": "respond-async, wait=60"])
        #expect(answer.status == 200)
        #expect(answer.fields["content-type"] == "image/png")
        #expect(answer.fields["preference-applied"] == "wait=60")
        #expect(answer.fields["server-timing"]?.contains("diffusion;dur=") == true)
        #expect(try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture()).fields["preference-applied"] == nil)
    }

    @Test(arguments: [("wait=0", "wait=0"), ("respond-async, wait=0", "respond-async, wait=0")])
    func aWaitThatIsOverGetsTheJob(prefer: String, applied: String) throws {
        let fixture = try held()
        let answer = try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture(), fields: ["Prefer": prefer])
        #expect(answer.status == 202)
        #expect(answer.fields["preference-applied"] == applied)
        #expect(fixture.service.waiters.count == 0)
    }

    /// The wish is cut to what the operator allows, and said so; nobody waits without an end.
    @Test func theServiceLimitsEveryWait() throws {
        let fixture = try held { $0.maxWaitSeconds = 0.02 }
        for (fields, applied) in [([:], nil), (["Prefer": "wait=1000"], "wait=0")] as [([String: String], String?)] {
            let answer = try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture(), fields: fields)
            #expect(answer.status == 202)
            #expect(answer.fields["preference-applied"] == applied)
        }
        #expect(fixture.service.waiters.count == 0)
    }

    @Test func unknownAndMalformedPreferencesAreIgnored() throws {
        let fixture = try ServiceFixture()
        for prefer in ["handling=lenient", "wait=soon", "wait=-1", "==", "return=minimal"] {
            let answer = try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture(), fields: ["Prefer": prefer])
            #expect(answer.status == 200, "\(prefer)")
            #expect(answer.fields["preference-applied"] == nil)
        }
    }
}
