import Foundation
import GRDB
import Storage
import Testing
@testable import Server

/// Jobs across the end of a service and the start of the next one.
@Suite(.timeLimit(.minutes(60))) struct WorkerPoolTests {
    /// What a crash leaves: a job that runs, one that waits, a picture without a job.
    @Test func jobsOfACrashedProcessAreFinished() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        let picture = try ServicePictures.picture()
        var ids: [String] = []
        do {
            let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
            let jobs = try JobStore(directory: folder, maxQueued: 10)
            let intake = Intake(jobs: jobs, blobs: blobs, maxPixels: 10_000)
            for _ in 0..<2 { ids.append(try intake.accept(picture).id) }
            #expect(try jobs.claim(leaseSeconds: 1e6, worker: "of the process that is gone")?.id == ids[0])
            try blobs.write(picture, id: JobID.make(), kind: .input)
            try jobs.close()
        }
        let fixture = try ServiceFixture(folder: folder)
        for id in ids { #expect(try fixture.finished(id).state == .succeeded) }
        #expect(try fixture.jobs.job(id: ids[0])?.attempts == 2)
        #expect(try fixture.blobs.pictureCount(folder) == 4, "the picture without a job is still there")
    }

    @Test func aJobThatBringsTheProcessDownFailsInTheEnd() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        let id: String
        do {
            let jobs = try JobStore(directory: folder, maxQueued: 10)
            let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
            id = try Intake(jobs: jobs, blobs: blobs, maxPixels: 10_000)
                .accept(ServicePictures.picture()).id
            for attempt in 1...JobStore.defaultMaxAttempts {
                #expect(try jobs.claim(leaseSeconds: 60, worker: "w")?.attempts == attempt)
                if attempt < JobStore.defaultMaxAttempts { try jobs.requeueRunning() }
            }
            try jobs.close()
        }
        let fixture = try ServiceFixture(folder: folder)
        let job = try fixture.call("GET", "/v1/jobs/\(id)").json
        #expect(job["state"] == .string("failed"))
        #expect(job["problem"]?["type"]?.string == "urn:fidediff:problem:interrupted")
        #expect(fixture.engine.count == 0)
    }

    /// An orderly stop while one job stands between two tiles and another waits.
    @Test func aStopPutsTheRunningJobBack() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        var ids: [String] = []
        do {
            let engine = try GatedEngine(isClosed: true)
            let fixture = try ServiceFixture(folder: folder, engine: engine) { $0.workers = 1 }
            fixture.keepsFolder = true
            ids = try (0..<2).map { _ in try fixture.submit(ServicePictures.picture()) }
            try engine.waitUntilHeld()
            let stopped = DispatchGroup()
            // The stop waits for the running job; the gate opens once the pool has begun to interrupt.
            DispatchQueue.global().async(group: stopped) { [service = fixture.service] in service.stop() }
            try ServiceFixture.wait { fixture.service.isInterrupting }
            engine.open()
            stopped.wait()
            #expect(try fixture.jobs.list().jobs.map(\.state) == [.queued, .queued])
            #expect(try fixture.jobs.job(id: ids[0])?.attempts == 0, "an interruption is no attempt")
            #expect(engine.count == 1)
        }
        let fixture = try ServiceFixture(folder: folder)
        for id in ids { #expect(try fixture.finished(id).state == .succeeded) }
    }

    @Test func manyClientsLoseNothing() throws {
        let fixture = try ServiceFixture { $0.workers = 2 }
        let picture = try ServicePictures.picture(16, 16)
        let clients = try (0..<24).map { _ in try HTTPLoopbackClient(port: fixture.port) }
        for (index, client) in clients.enumerated() {
            ServiceFixture.send(client, "POST", index % 2 == 0 ? "/v1/deblur" : "/v1/jobs", picture)
        }
        for (index, client) in clients.enumerated() {
            let answer = try client.answer()
            #expect(answer.status == (index % 2 == 0 ? 200 : 202), "\(answer.text)")
        }
        let jobs = try fixture.jobs.list().jobs
        #expect(jobs.count == 24)
        for job in jobs { #expect(try fixture.finished(job.id).state == .succeeded) }
        #expect(fixture.engine.count == 24, "each job is run once")
    }

    /// The database fails while one job ends and the next should start; both are settled once it works again.
    @Test func aStoreThatFailsForAWhileLosesNothing() throws {
        let record = LogRecord()
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true), logger: record.logger) { $0.workers = 1 }
        let first = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let second = try fixture.submit(ServicePictures.picture())

        let intruder = try fixture.intruder()
        try intruder.write { try $0.execute(sql: "ALTER TABLE job RENAME TO hidden") }
        fixture.engine.open()
        try ServiceFixture.wait { record.contains("cannot store how a job ended") && record.contains("cannot claim a job") }
        try intruder.write { try $0.execute(sql: "ALTER TABLE hidden RENAME TO job") }

        for id in [first, second] { #expect(try fixture.finished(id).state == .succeeded) }
        #expect(try fixture.jobs.job(id: first)?.predictedTimestep != nil)
        #expect(fixture.engine.count == 2, "what was done is not done again")
    }

    @Test func aJobWhosePictureIsGoneFails() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        _ = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.blobs.remove(id: id)
        fixture.engine.open()
        let job = try fixture.finished(id)
        #expect(job.state == .failed)
        #expect(job.problemType == "input_gone")
    }
}
