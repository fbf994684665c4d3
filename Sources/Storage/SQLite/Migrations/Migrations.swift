import GRDB

/// The database's shape, as the list of steps that led to it.
///
/// A step that has left this repository never changes: a new version adds a step. All steps that are missing run when the store opens, each
/// in a transaction, so a crash or a full disk leaves the version before. Every added column is nullable or has a default, so that rows of
/// an older version stay valid.
enum Migrations {
    static let all: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(jobs, migrate: createJobs)
        migrator.registerMigration(reuse, migrate: addReuseAndIdempotency)
        migrator.registerMigration(operations, migrate: addOperations)
        migrator.registerMigration(sharing, migrate: addSharing)
        migrator.registerMigration(results, migrate: addResults)
        migrator.registerMigration(version, migrate: addVersion)
        migrator.registerMigration(claims, migrate: addClaims)
        migrator.registerMigration(garbage, migrate: addGarbage)
        migrator.registerMigration(totals, migrate: addTotals)
        add(JobOutput.table, to: &migrator)
        return migrator
    }()

    /// A step for each column of an output that has a definition of its own.
    static func add(_ columns: [JobOutput.Column], to migrator: inout DatabaseMigrator) {
        for column in columns {
            guard let definition = column.definition else { continue }
            migrator.registerMigration("output: \(column.name)") { db in
                try db.execute(sql: "ALTER TABLE job ADD COLUMN \(column.name) \(definition)")
            }
        }
    }
}
