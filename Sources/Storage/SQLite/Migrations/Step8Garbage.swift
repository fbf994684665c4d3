import GRDB

/// What the database needs so that no deleted picture stays: whose files are still to be removed.
extension Migrations {
    static let garbage = "8 garbage: pictures of deleted jobs"

    static func addGarbage(_ db: Database) throws {
        try db.execute(
            sql: """
                -- Jobs that are gone and whose pictures may still be there.
                CREATE TABLE garbage (id TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;

                -- A trigger, so that whatever deletes a job hands its pictures over, in the same transaction.
                CREATE TRIGGER garbage_when_deleted AFTER DELETE ON job
                BEGIN
                    INSERT OR IGNORE INTO garbage (id) VALUES (OLD.id);
                END;
                """)
    }
}
