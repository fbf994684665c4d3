import Foundation
import GRDB
import Testing
@testable import Storage

/// Databases from before the fourth step.
@Suite(.timeLimit(.minutes(60))) struct Step4SharingTests {
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

    /// Jobs that reused before files were counted: the first to have a file is found through all that had it since.
    @Test func reuseOfTheVersionBeforeIsSharing() throws {
        let old = try TemporaryFolder()
        let queue = try DatabaseQueue(path: old.url.appendingPathComponent(JobStore.fileName).path)
        try Migrations.all.migrate(queue, upTo: Migrations.operations)
        let ids = (0..<5).map { _ in JobID.make() }
        // 1 and 2 were linked whole, one after the other; 3 came first and was run last; 4 reused one that is gone.
        let rows =
            [(0, 1, nil, 10), (1, 0, ids[0], 20), (2, 0, ids[1], 30), (3, 1, ids[2], 40), (4, 0, "GONE", 50)] as [(Int, Int, String?, Int)]
        try queue.write { db in
            for (index, attempts, twin, finished) in rows {
                try db.execute(
                    sql: """
                        INSERT INTO job (id, state, options, input_format, input_bytes, output_format, output_bytes, width, height, input_hash, created_ms,
                            finished_ms, attempts, reused_from)
                        VALUES (?, 'succeeded', '{}', 'png', 1, 'png', 1, 20, 30, 'ab', 5, ?, ?, ?)
                        """, arguments: [ids[index], finished, attempts, twin])
            }
        }
        try queue.close()
        let store = try old.jobs()
        let jobs = try ids.map { try #require(try store.job(id: $0)) }
        #expect(jobs.map(\.outputFile) == [ids[0], ids[0], ids[0], ids[0], "GONE"])
        #expect(jobs.map(\.inputFile) == [ids[0], ids[0], ids[0], ids[3], "GONE"])
        #expect(jobs.compactMap(\.output).map(\.version) == [nil, nil, nil, nil, nil])
        #expect(try store.totals().outputBytes == 2 && store.totals().inputBytes == 3)
    }
}
