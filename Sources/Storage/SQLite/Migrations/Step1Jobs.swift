import GRDB

/// The table `job`.
extension Migrations {
    static let jobs = "1 jobs"

    /// STRICT (sqlite.org/stricttables.html) and the checks make a row that `Job` cannot hold an error when it is written.
    static func createJobs(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE job (
                    -- AUTOINCREMENT: the number of a deleted job is not used again, so a list's cursor stays true.
                    sequence            INTEGER PRIMARY KEY AUTOINCREMENT,
                    id                  TEXT    NOT NULL UNIQUE CHECK (length(id) = 26),
                    state               TEXT    NOT NULL DEFAULT 'queued'
                                        CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
                    progress            REAL    NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
                    requested_timestep  INTEGER CHECK (requested_timestep BETWEEN 0 AND 999),
                    predicted_timestep  INTEGER CHECK (predicted_timestep BETWEEN 0 AND 999),
                    options             TEXT    NOT NULL,
                    input_format        TEXT    NOT NULL,
                    input_bytes         INTEGER NOT NULL,
                    width               INTEGER NOT NULL,
                    height              INTEGER NOT NULL,
                    input_hash          TEXT    NOT NULL,
                    output_format       TEXT,
                    output_bytes        INTEGER,
                    stage_seconds       TEXT,
                    created_ms          INTEGER NOT NULL,
                    started_ms          INTEGER,
                    finished_ms         INTEGER,
                    attempts            INTEGER NOT NULL DEFAULT 0,
                    cancel_requested    INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
                    worker              TEXT,
                    lease_expires_ms    INTEGER,
                    problem_type        TEXT,
                    problem_detail      TEXT,
                    CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (finished_ms IS NOT NULL)),
                    CHECK ((state = 'running') = (lease_expires_ms IS NOT NULL)),
                    CHECK ((state = 'succeeded') = (output_bytes IS NOT NULL)),
                    CHECK ((state = 'failed') = (problem_type IS NOT NULL))
                ) STRICT;

                -- An index holds the primary key too, so this one gives the queue in order without a sort.
                CREATE INDEX job_by_state ON job (state);
                CREATE INDEX job_by_predicted_timestep ON job (predicted_timestep) WHERE predicted_timestep IS NOT NULL;
                """)
    }
}
