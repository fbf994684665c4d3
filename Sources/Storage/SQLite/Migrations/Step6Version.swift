import GRDB

/// Which program a result comes from.
extension Migrations {
    static let version = "6 version of the program"

    static func addVersion(_ db: Database) throws {
        try db.execute(
            sql: """
                -- The program that computed the output, as model_hash names the weights. NULL until succeeded, and for jobs of older versions.
                ALTER TABLE job ADD COLUMN version TEXT;
                """)
    }
}
