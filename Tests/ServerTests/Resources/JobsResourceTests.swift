import Foundation
import Storage
import Testing
@testable import Server

/// /v1/jobs and what lies below it.
@Suite(.timeLimit(.minutes(60))) struct JobsResourceTests {
    @Test func aJobFromStartToEnd() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let picture = try ServicePictures.picture(50, 40, format: .jpeg)
        let accepted = try fixture.call("POST", "/v1/jobs?timestep=120", body: picture)
        #expect(accepted.status == 202)
        let id = try #require(try accepted.json["id"]?.string)
        #expect(accepted.fields["location"] == "/v1/jobs/\(id)")
        #expect(accepted.fields["fidediff-job"] == id)
        #expect(try accepted.json["requested_timestep"] == .integer(120))
        #expect(
            try accepted.json["input"]
                == .object([
                    "format": .string("jpeg"), "bytes": .integer(picture.count), "width": .integer(50), "height": .integer(40),
                ]))

        // Running: the timestep is known before there is any progress.
        try fixture.engine.waitUntilHeld()
        let running = try fixture.call("GET", "/v1/jobs/\(id)").json
        #expect(running["state"] == .string("running"))
        #expect(running["queue_position"] == .null)
        #expect(running["predicted_timestep"]?.integer != nil)
        #expect(running["started_at"]?.string != nil)
        #expect(running["finished_at"] == .null)
        let early = try fixture.call("GET", "/v1/jobs/\(id)/result")
        #expect(early.status == 409)
        #expect(try early.problem == "job_not_finished")
        #expect(early.fields["retry-after"] != nil)

        fixture.engine.open()
        _ = try fixture.finished(id)
        let done = try fixture.call("GET", "/v1/jobs/\(id)").json
        #expect(done["state"] == .string("succeeded"))
        #expect(done["progress"]?.number == 1)
        #expect(done["output"]?["format"] == .string("jpeg"))
        #expect(try #require(done["seconds"]?["total"]?.number) > 0)
        #expect(done["problem"] == .null)
        let result = try fixture.call("GET", "/v1/jobs/\(id)/result")
        #expect(result.status == 200)
        #expect(done["output"]?["bytes"] == .integer(result.body.count))
        let head = try fixture.call("HEAD", "/v1/jobs/\(id)/result")
        #expect(head.status == 200)
        #expect(head.fields["content-length"] == String(result.body.count))
    }

    @Test func queuePositionsCountUp() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let ids = try (0..<3).map { _ in try fixture.submit(ServicePictures.picture()) }
        try fixture.engine.waitUntilHeld()
        let positions = try ids.map { try fixture.call("GET", "/v1/jobs/\($0)").json["queue_position"] }
        #expect(positions == [.null, .integer(1), .integer(2)])
    }

    @Test func listsByStateAndTimestepAndPage() throws {
        let fixture = try ServiceFixture()
        let ids = try (0..<3).map { _ in try fixture.submit(ServicePictures.picture()) }
        for id in ids { _ = try fixture.finished(id) }
        let failed = try fixture.submit(ServicePictures.damaged())
        _ = try fixture.finished(failed)

        func list(_ query: String) throws -> [String] {
            let answer = try fixture.call("GET", "/v1/jobs" + query)
            #expect(answer.status == 200, "\(answer.text)")
            return try answer.json["jobs"]?.elements.compactMap { $0["id"]?.string } ?? []
        }
        #expect(try list("") == [failed] + ids.reversed())
        #expect(try list("?state=failed") == [failed])
        #expect(try list("?state=failed,queued&state=cancelled") == [failed])
        #expect(try list("?state=queued").isEmpty)
        let timestep = try #require(try fixture.jobs.job(id: ids[0])?.predictedTimestep)
        #expect(try list("?min_timestep=\(timestep)&max_timestep=\(timestep)") == ids.reversed())
        #expect(try list("?min_timestep=\(timestep + 1)").isEmpty)

        let first = try fixture.call("GET", "/v1/jobs?state=succeeded&limit=2").json
        let cursor = try #require(first["next_cursor"]?.string)
        #expect(try list("?state=succeeded&limit=2&cursor=\(cursor)") == [ids[0]])
        #expect(try fixture.call("GET", "/v1/jobs?state=succeeded&limit=3").json["next_cursor"] == .null)
        // A cursor of another list.
        #expect(try fixture.call("GET", "/v1/jobs?state=failed&limit=2&cursor=\(cursor)").problem == "invalid_parameter")
    }

    @Test(arguments: [
        "state=done", "state=", "state=queued,", "limit=0", "limit=201", "limit=x", "limit=1&limit=2", "min_timestep=-1",
        "max_timestep=1000", "cursor=abc", "page=2", "min_timestep=",
    ])
    func refusesBadQueries(query: String) throws {
        let fixture = try ServiceFixture()
        let answer = try fixture.call("GET", "/v1/jobs?" + query)
        #expect(answer.status == 400, "\(answer.text)")
        #expect(try answer.problem == "invalid_parameter")
    }

    @Test func aFullQueueIsSaidSo() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.maxQueued = 1
        }
        _ = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        _ = try fixture.submit(ServicePictures.picture())
        for path in ["/v1/jobs", "/v1/deblur"] {
            let answer = try fixture.call("POST", path, body: ServicePictures.picture())
            #expect(answer.status == 429)
            #expect(try answer.problem == "queue_full")
            #expect(try answer.json["limit"] == .integer(1))
            #expect(try answer.json["measured"] == .integer(1))
            #expect(answer.fields["retry-after"] != nil)
        }
        #expect(try fixture.jobs.list().jobs.count == 2)
        #expect(try fixture.blobs.pictureCount(fixture.folder) == 2)
        // No job is lost by the refusals.
        fixture.engine.open()
        for job in try fixture.jobs.list().jobs { #expect(try fixture.finished(job.id).state == .succeeded) }
        #expect(try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture()).status == 200)
    }

    @Test func aFullDiskAcceptsNothing() throws {
        let fixture = try ServiceFixture(reservedBytes: 1 << 60)
        for path in ["/v1/jobs", "/v1/deblur"] {
            let answer = try fixture.call("POST", path, body: ServicePictures.picture())
            #expect(answer.status == 507)
            #expect(try answer.problem == "disk_full")
            #expect(try answer.json["limit"]?.integer != nil && answer.json["measured"]?.integer != nil)
        }
        #expect(try fixture.jobs.list().jobs.isEmpty)
        #expect(try fixture.blobs.pictureCount(fixture.folder) == 0)
    }

    @Test func aResultWhoseFileIsGoneIsGone() throws {
        let fixture = try ServiceFixture()
        let id = try fixture.submit(ServicePictures.picture())
        _ = try fixture.finished(id)
        try fixture.blobs.remove(id: id)
        let answer = try fixture.call("GET", "/v1/jobs/\(id)/result")
        #expect(answer.status == 410)
        #expect(try answer.problem == "result_gone")
    }
}

extension BlobStore {
    func pictureCount(_ folder: URL) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("pictures").path).count
    }
}
