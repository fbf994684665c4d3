import GRDB
import Testing
@testable import Storage

/// The columns of an output.
@Suite(.timeLimit(.minutes(60))) struct JobOutputRowTests {
    private static let full = JobOutput(
        format: "png", bytes: 5, hash: "ab", stageSeconds: "{}", isUnchanged: true, reblurPSNR: 41.25, modelHash: "m", version: "0.2.0",
        reusedFrom: "J1", file: "J2")

    /// Each member has its own column: what is written comes back, all at once and one by one.
    @Test func everyMemberComesBack() throws {
        let folder = try TemporaryFolder(), store = try folder.jobs()
        for output in [Self.full, JobOutput(format: "jpeg", bytes: 0), JobOutput(format: "png", bytes: 1, isUnchanged: false)] {
            let id = try #require(try store.claimSample()).id
            #expect(try store.finish(id: id, output).output == output)
            #expect(try store.job(id: id)?.output == output)
        }
    }

    /// A member without a column would be lost in silence.
    @Test func everyMemberHasAColumn() {
        #expect(JobOutput.table.count == Mirror(reflecting: Self.full).children.count)
        #expect(Set(JobOutput.table.map(\.name)).count == JobOutput.table.count)
        #expect(JobOutput.table.allSatisfy { $0.value(Self.full)?.databaseValue.isNull == false })
    }

    /// A line of the table with a definition is all that a further column takes.
    @Test func aDefinitionMakesItsColumn() throws {
        let folder = try TemporaryFolder(), store = try folder.jobs()
        var migrator = Migrations.all
        let columns = [
            JobOutput.Column("noise", \.reblurPSNR, added: "REAL CHECK (noise >= 0)"), JobOutput.Column("version", \.version),
        ]
        Migrations.add(columns, to: &migrator)
        #expect(migrator.migrations == Migrations.all.migrations + ["output: noise"])
        try migrator.migrate(store.pool)
        let id = try #require(try store.claimSample()).id
        try store.pool.write { db in
            try db.execute(
                sql: "UPDATE job SET noise = :noise WHERE id = :id", arguments: ["noise": columns[0].value(Self.full), "id": id])
            let row = try #require(try Row.fetchOne(db, sql: "SELECT noise FROM job WHERE id = ?", arguments: [id]))
            var output = JobOutput(format: "png", bytes: 1)
            try columns[0].read(row, &output)
            #expect(output.reblurPSNR == 41.25)
            #expect(throws: DatabaseError.self) { try db.execute(sql: "UPDATE job SET noise = -1") }
        }
    }
}
