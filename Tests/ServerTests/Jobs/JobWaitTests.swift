import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

/// A request that waits for its job.
@Suite(.timeLimit(.minutes(60))) struct JobWaitTests {
    private func held(_ change: @escaping (inout Configuration) -> Void = { _ in }) throws -> ServiceFixture {
        try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            change(&$0)
        }
    }

    @Test func aJobCanBeWaitedFor() throws {
        let fixture = try held()
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let now = try fixture.call("GET", "/v1/jobs/\(id)", fields: ["Prefer": "wait=0"])
        #expect(try now.status == 200 && now.json["state"] == .string("running"))
        #expect(now.fields["retry-after"] != nil)

        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "GET", "/v1/jobs/\(id)", Data(), ["Prefer": "wait=60"])
        try ServiceFixture.wait { fixture.service.waiters.count == 1 }
        fixture.engine.open()
        let later = try client.answer()
        #expect(try later.json["state"] == .string("succeeded"))
        #expect(later.fields["preference-applied"] == "wait=60")
        #expect(later.fields["retry-after"] == nil)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)", fields: ["Prefer": "wait=60"]).json["state"] == .string("succeeded"))
    }

    @Test func aSubmittedJobCanBeWaitedFor() throws {
        let fixture = try ServiceFixture()
        let answer = try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: ["Prefer": "wait=60"])
        #expect(answer.status == 202)
        #expect(try answer.json["state"] == .string("succeeded"))
        #expect(answer.fields["preference-applied"] == "wait=60")
        #expect(
            try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: ["Prefer": "respond-async"])
                .fields["preference-applied"] == "respond-async")
    }

    @Test func aClientThatLeavesIsNoticedAndItsJobGoesOn() throws {
        let record = LogRecord()
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true), logger: record.logger) {
            $0.workers = 1
            $0.http.probeSeconds = 0.01
        }
        do {
            let client = try HTTPLoopbackClient(port: fixture.port)
            ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
            try fixture.engine.waitUntilHeld()
            #expect(fixture.service.waiters.count == 1)
        }
        try ServiceFixture.wait { fixture.service.waiters.count == 0 && record.contains("client left") }
        fixture.engine.open()
        let id = try #require(try fixture.jobs.list().jobs.first?.id)
        #expect(try fixture.finished(id).state == .succeeded)
    }

    @Test func aDeletedJobIsNotWaitedFor() throws {
        let fixture = try ServiceFixture()
        #expect(throws: Problem.self) {
            try JobWait.start(
                id: JobID.make(), seconds: 60, waiters: fixture.service.waiters, client: ClientPresence(),
                current: { throw Problem(.unknownJob, "gone") }, left: {}, end: { _ in Issue.record("answered") })
        }
        #expect(fixture.service.waiters.count == 0)
    }

    @Test func theFirstEndCounts() throws {
        let fixture = try held()
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let job = try #require(try fixture.jobs.job(id: id)), client = ClientPresence(), waiters = JobWaiters()
        let ends = DispatchSemaphore(value: 0), lefts = DispatchSemaphore(value: 0)
        try JobWait.start(
            id: id, seconds: 1e6, waiters: waiters, client: client, current: { job }, left: { lefts.signal() }, end: { _ in ends.signal() })
        client.left()
        #expect(lefts.wait(timeout: .now()) == .success)
        waiters.stop()
        waiters.settled(job)
        #expect(ends.wait(timeout: .now()) == .timedOut)
    }
}
