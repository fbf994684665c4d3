import GRDB

/// What the database needs to count a picture once that several jobs have: under which job's name it was stored first.
extension Migrations {
    static let sharing = "4 sharing: files of several jobs"

    static func addSharing(_ db: Database) throws {
        try db.execute(
            sql: """
                -- The job under whose name the picture was first stored, where this one's is a link to it; that job may be gone. NULL = its own file.
                ALTER TABLE job ADD COLUMN input_file  TEXT;
                ALTER TABLE job ADD COLUMN output_file TEXT;
                """)
        // In the order in which they were linked. A job that was run has its own input.
        for row in try Row.fetchAll(
            db, sql: "SELECT id, reused_from, attempts FROM job WHERE reused_from IS NOT NULL ORDER BY finished_ms, sequence")
        {
            let id: String = try row.decode(forColumn: "id"), twin: String = try row.decode(forColumn: "reused_from")
            for column in try row.decode(Int.self, forColumn: "attempts") == 0 ? ["input_file", "output_file"] : ["output_file"] {
                try db.execute(
                    sql: """
                        UPDATE job SET \(column) = IFNULL((SELECT twin.\(column) FROM job AS twin WHERE twin.id = :twin), :twin) WHERE id = :id
                        """, arguments: ["twin": twin, "id": id])
            }
        }
    }
}
