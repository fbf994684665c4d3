import GRDB
import Testing
@testable import Storage

/// The list of steps that leads to the database of today.
@Suite(.timeLimit(.minutes(60))) struct MigrationsTests {
    /// A step that has left this repository keeps its name and place: databases in use remember it.
    @Test func releasedStepsStayFirst() {
        let released = [
            "1 jobs", "2 calls: reuse and idempotency", "3 operations: context, retention, keys, webhooks",
        ]
        #expect(Array(Migrations.all.migrations.prefix(3)) == released)
        #expect(Set(Migrations.all.migrations).count == Migrations.all.migrations.count)
    }

    /// Each step alone leads on from the one before it, with a job of that time in the table.
    @Test func everyStepKeepsTheRows() throws {
        let queue = try DatabaseQueue(), id = JobID.make()
        try Migrations.all.migrate(queue, upTo: try #require(Migrations.all.migrations.first))
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO job (id, options, input_format, input_bytes, width, height, input_hash, created_ms)
                    VALUES (?, '{}', 'png', 1, 16, 16, 'ab', 0)
                    """, arguments: [id])
        }
        for step in Migrations.all.migrations {
            try Migrations.all.migrate(queue, upTo: step)
            #expect(try queue.read { try String.fetchAll($0, sql: "SELECT id FROM job") } == [id], "\(step)")
            #expect(try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"], "\(step)")
        }
    }
}
