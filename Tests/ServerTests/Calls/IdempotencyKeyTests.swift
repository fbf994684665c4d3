import Foundation
import Storage
import Testing
@testable import Engine
@testable import Server

/// Nothing is computed twice: Idempotency-Key, and pictures that were sent before.
@Suite(.timeLimit(.minutes(60))) struct IdempotencyKeyTests {
    private func reusing(isClosed: Bool = false, workers: Int = 1) throws -> ServiceFixture {
        try ServiceFixture(engine: GatedEngine(isClosed: isClosed)) {
            $0.workers = workers
            $0.reusesResults = true
        }
    }

    @Test func aKeySentAgainGivesTheSameJob() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let picture = try ServicePictures.picture(), key = ["Idempotency-Key": "\"b7-1\""]
        let first = try fixture.call("POST", "/v1/jobs?strength=0.5", body: picture, fields: key)
        #expect(first.status == 202)
        #expect(first.fields["idempotent-replayed"] == nil)
        let id = try #require(first.fields["fidediff-job"])
        // Without quotes it is the same key; on the other call the same request.
        let again = try fixture.call("POST", "/v1/jobs?strength=0.5", body: picture, fields: ["Idempotency-Key": "b7-1"])
        #expect(again.status == 202 && again.fields["fidediff-job"] == id && again.fields["idempotent-replayed"] == "true")
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "POST", "/v1/deblur?strength=.5", picture, key)
        try ServiceFixture.wait { fixture.service.waiters.count == 1 }
        fixture.engine.open()
        let result = try client.answer()
        #expect(result.status == 200 && result.fields["fidediff-job"] == id && result.fields["idempotent-replayed"] == "true")
        #expect(try fixture.jobs.list().jobs.count == 1)
        #expect(try fixture.blobs.pictureCount(fixture.folder) == 2)
        #expect(fixture.engine.count == 1)
    }

    @Test func aKeyForSomethingElseIsRefused() throws {
        let fixture = try ServiceFixture()
        let picture = try ServicePictures.picture(), key = ["Idempotency-Key": "k"]
        let id = try #require(try fixture.call("POST", "/v1/jobs", body: picture, fields: key).fields["fidediff-job"])
        for (path, body) in [
            ("/v1/jobs", try ServicePictures.picture(50, 50)), ("/v1/jobs?timestep=80", picture), ("/v1/deblur?strength=0.9", picture),
            ("/v1/deblur?metadata=strip", picture),
        ] {
            let answer = try fixture.call("POST", path, body: body, fields: key)
            #expect(answer.status == 422)
            #expect(try answer.problem == "idempotency_key_reused")
            #expect(answer.fields["fidediff-job"] == id)
        }
        #expect(try fixture.jobs.list().jobs.map(\.id) == [id])
        _ = try fixture.finished(id)
        #expect(try fixture.blobs.pictureCount(fixture.folder) == 2)
    }

    @Test func aKeySurvivesARestartAndGoesWithItsJob() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        let picture = try ServicePictures.picture(), key = ["Idempotency-Key": "k"]
        let id: String
        do {
            let fixture = try ServiceFixture(folder: folder)
            fixture.keepsFolder = true
            id = try #require(try fixture.call("POST", "/v1/jobs", body: picture, fields: key).fields["fidediff-job"])
            _ = try fixture.finished(id)
        }
        let fixture = try ServiceFixture(folder: folder)
        #expect(try fixture.call("POST", "/v1/jobs", body: picture, fields: key).fields["fidediff-job"] == id)
        #expect(try fixture.call("DELETE", "/v1/jobs/\(id)").status == 204)
        let other = try fixture.call("POST", "/v1/jobs?timestep=80", body: picture, fields: key)
        #expect(other.status == 202 && other.fields["fidediff-job"] != id)
    }

    /// A replay needs no place in a full queue.
    @Test func aReplayIsNeverRefusedForAFullQueue() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.maxQueued = 1
        }
        _ = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let picture = try ServicePictures.picture(), key = ["Idempotency-Key": "k"]
        let id = try #require(try fixture.call("POST", "/v1/jobs", body: picture, fields: key).fields["fidediff-job"])
        #expect(try fixture.call("POST", "/v1/jobs", body: picture).status == 429)
        #expect(try fixture.call("POST", "/v1/jobs", body: picture, fields: key).fields["fidediff-job"] == id)
    }

    @Test(arguments: ["", "\"\"", "two words", "a,b", "a\"b", "ключ", String(repeating: "x", count: 256)])
    func otherKeysAreRefused(key: String) throws {
        let fixture = try ServiceFixture()
        let answer = try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: ["Idempotency-Key": key])
        #expect(answer.status == 400, "\(answer.text)")
        #expect(try answer.problem == "invalid_parameter")
        #expect(try fixture.jobs.list().jobs.isEmpty)
    }

    @Test func thePictureSentBeforeGetsItsResultAtOnce() throws {
        let fixture = try reusing()
        let picture = try ServicePictures.picture(format: .jpeg)
        let first = try fixture.call("POST", "/v1/deblur", body: picture)
        let twin = try #require(first.fields["fidediff-job"])
        #expect(first.fields["fidediff-reused-from"] == nil)

        let second = try fixture.call("POST", "/v1/deblur", body: picture)
        #expect(second.status == 200 && second.body == first.body)
        #expect(second.fields["fidediff-reused-from"] == twin)
        let id = try #require(second.fields["fidediff-job"])
        #expect(id != twin)
        let submitted = try fixture.call("POST", "/v1/jobs?quality=95&format=jpeg&timestep=auto&strength=1.0", body: picture)
        #expect(submitted.status == 202 && submitted.fields["fidediff-reused-from"] != nil, "what is the default anyway is the same")
        let job = try submitted.json
        #expect(job["state"] == .string("succeeded") && job["progress"]?.number == 1)
        #expect(job["predicted_timestep"]?.integer == first.fields["fidediff-predicted-timestep"].flatMap { Int($0) })
        #expect(try #require(job["seconds"]?["total"]?.number) > 0)
        #expect(fixture.engine.count == 1)

        // Each is a job of its own: deleting one takes nothing from the others.
        #expect(try fixture.call("DELETE", "/v1/jobs/\(twin)").status == 204)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result").body == first.body)
        #expect(try Data(fixture.call("GET", "/v1/jobs/\(id)/input").body) == picture)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)").json["reused_from"] == .string(twin))
    }

    @Test(arguments: ["timestep=300", "strength=0.5", "metadata=strip", "preview=20", "format=jpeg", "format=jpeg&quality=90"])
    func otherOptionsAreComputed(query: String) throws {
        let fixture = try reusing()
        let picture = try ServicePictures.picture()
        _ = try fixture.call("POST", "/v1/deblur", body: picture)
        let answer = try fixture.call("POST", "/v1/deblur?" + query, body: picture)
        #expect(answer.status == 200 && answer.fields["fidediff-reused-from"] == nil)
        #expect(fixture.engine.count == 2)
        #expect(try fixture.call("POST", "/v1/deblur?" + query, body: picture).body == answer.body)
        #expect(fixture.engine.count == 2)
    }

    @Test func aClientAndAnOperatorCanRefuse() throws {
        let fixture = try reusing()
        let picture = try ServicePictures.picture()
        _ = try fixture.call("POST", "/v1/deblur", body: picture)
        let fresh = try fixture.call("POST", "/v1/deblur", body: picture, fields: ["Cache-Control": "max-age=0, no-cache"])
        #expect(fresh.status == 200 && fresh.fields["fidediff-reused-from"] == nil)
        #expect(fixture.engine.count == 2)
        let stubborn = try ServiceFixture()
        for _ in 0..<2 { #expect(try stubborn.call("POST", "/v1/deblur", body: picture).fields["fidediff-reused-from"] == nil) }
        #expect(stubborn.engine.count == 2)
    }

    /// Sent many times before the first is done: the others wait for it, even with idle workers.
    @Test func twinsInTheQueueAreRunOnce() throws {
        let fixture = try reusing(isClosed: true, workers: 3)
        let picture = try ServicePictures.picture()
        let ids = try (0..<5).map { _ in try fixture.submit(picture) }
        let other = try fixture.submit(ServicePictures.picture(50, 50))
        try fixture.engine.waitUntilHeld()
        try fixture.engine.waitUntilHeld()
        #expect(try Set(fixture.jobs.list(JobQuery(states: [.running])).jobs.map(\.id)) == [ids[0], other])
        fixture.engine.open()
        let jobs = try ids.map(fixture.finished)
        #expect(jobs.allSatisfy { $0.state == .succeeded })
        #expect(jobs.dropFirst().allSatisfy { $0.output?.reusedFrom != nil } && jobs[0].output?.reusedFrom == nil)
        #expect(fixture.engine.count == 2)
        let results = try ids.map { try fixture.call("GET", "/v1/jobs/\($0)/result").body }
        #expect(Set(results).count == 1 && !results[0].isEmpty)
    }

    @Test func aTwinThatIsCancelledIsNoResult() throws {
        let fixture = try reusing(isClosed: true)
        let picture = try ServicePictures.picture()
        let first = try fixture.submit(picture), second = try fixture.submit(picture)
        try fixture.engine.waitUntilHeld()
        #expect(try fixture.call("DELETE", "/v1/jobs/\(first)").status == 202)
        fixture.engine.open()
        #expect(try fixture.finished(first).state == .cancelled)
        let job = try fixture.finished(second)
        #expect(job.state == .succeeded && job.output?.reusedFrom == nil)
        #expect(fixture.engine.count == 2)
    }

    @Test func aResultWhoseFileIsGoneIsComputedAgain() throws {
        let fixture = try reusing()
        let picture = try ServicePictures.picture()
        let twin = try fixture.submit(picture)
        _ = try fixture.finished(twin)
        try fixture.blobs.remove(id: twin)
        let answer = try fixture.call("POST", "/v1/deblur", body: picture)
        #expect(answer.status == 200 && answer.fields["fidediff-reused-from"] == nil)
        #expect(fixture.engine.count == 2)
    }

    @Test func anotherModelsResultIsNotReused() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-reuse-\(JobID.make())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let jobs = try JobStore(directory: folder, maxQueued: 10),
            blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
        func accept(_ model: String, keyID: String? = nil) throws -> Job {
            try Intake(jobs: jobs, blobs: blobs, maxPixels: 10_000, engine: NamedEngine(modelHash: model))
                .accept(ServicePictures.picture(), context: JobContext(keyID: keyID))
        }
        let first = try accept("old")
        let result = Data([1]), hash = ContentHash.of(result)
        try blobs.write(result, id: first.id, kind: .output)
        _ = try jobs.claim(leaseSeconds: 60, worker: "w")
        _ = try jobs.finish(id: first.id, JobOutput(format: "png", bytes: 1, hash: hash, stageSeconds: "{}", modelHash: "old"))
        let reusing = try accept("old")
        #expect(reusing.output?.reusedFrom == first.id && reusing.output?.hash == hash)
        #expect(try accept("new").output?.reusedFrom == nil)
        #expect(try accept("old", keyID: "somebody else's").output?.reusedFrom == nil)
    }

    /// Stands for a model, and has none.
    private struct NamedEngine: DeblurringEngine {
        struct Absent: Error {}
        var modelName: String { modelHash }
        let modelHash: String

        func requireMemory(for info: ImageInfo, options: DeblurOptions) {}
        func blurLevel(of data: Data) throws -> BlurLevel { throw Absent() }
        func motionPicture(of data: Data, across: Int) throws -> MotionPicture { throw Absent() }
        func deblur(
            _ data: Data, options: DeblurOptions, onTimestep: (Int) -> Void, onProgress: (Double) throws -> Void
        ) throws -> DeblurredPicture { throw Absent() }
    }
}
