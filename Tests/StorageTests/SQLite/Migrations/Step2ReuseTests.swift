import Foundation
import GRDB
import Testing
@testable import Storage

/// Databases from before the second step.
@Suite(.timeLimit(.minutes(60))) struct Step2ReuseTests {
    private let folder: TemporaryFolder
    private let store: JobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    private func new(_ key: String? = "k", reuses: Bool = true) -> NewJob {
        var new = NewJob.sample()
        new.contentKey = key
        new.mayReuse = reuses
        return new
    }

    /// A database of the version before: its jobs stay, and are never taken for twins.
    @Test func rowsOfTheFirstVersionComeThrough() throws {
        let old = try TemporaryFolder()
        let queue = try DatabaseQueue(path: old.url.appendingPathComponent(JobStore.fileName).path)
        try Migrations.all.migrate(queue, upTo: "1 jobs")
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO job (id, options, input_format, input_bytes, width, height, input_hash, created_ms)
                    VALUES ('\(JobID.make())', '{}', 'png', 1, 20, 30, 'ab', 5)
                    """)
        }
        try queue.close()
        let job = try #require(try old.jobs().list().jobs.first)
        #expect((job.contentKey, job.mayReuse, job.output?.reusedFrom, job.output?.modelHash) == (nil, false, nil, nil))
        #expect(try old.jobs().claim(leaseSeconds: 1, worker: "w")?.id == job.id)
    }
}
