import GRDB

/// What the database needs to compute nothing twice: which jobs would give the same output, and which request made a job.
extension Migrations {
    static let reuse = "2 calls: reuse and idempotency"

    static func addReuseAndIdempotency(_ db: Database) throws {
        try db.execute(
            sql: """
                -- Same key and same model, same output: made by the caller from input and options.
                ALTER TABLE job ADD COLUMN content_key     TEXT;
                -- That computed the output.
                ALTER TABLE job ADD COLUMN model_hash      TEXT;
                ALTER TABLE job ADD COLUMN may_reuse       INTEGER NOT NULL DEFAULT 0 CHECK (may_reuse IN (0, 1));
                -- The job whose output this one has; that job may be gone.
                ALTER TABLE job ADD COLUMN reused_from     TEXT;
                ALTER TABLE job ADD COLUMN idempotency_key TEXT;
                ALTER TABLE job ADD COLUMN request_hash    TEXT CHECK ((request_hash IS NULL) = (idempotency_key IS NULL));
                -- Pixels that the work is done on; NULL = all of the picture's.
                ALTER TABLE job ADD COLUMN work_pixels     INTEGER;

                CREATE INDEX job_by_content_key ON job (content_key, state) WHERE content_key IS NOT NULL;
                CREATE UNIQUE INDEX job_by_idempotency_key ON job (idempotency_key) WHERE idempotency_key IS NOT NULL;
                """)
    }
}
