import GRDB

/// What the database needs so that no passing fault ends a job: whose attempt it is, when the next may begin, how often it was sent back.
extension Migrations {
    static let claims = "7 claims: token, pause, retry"

    static func addClaims(_ db: Database) throws {
        try db.execute(
            sql: """
                -- 63 random bits of the attempt that runs, or ran last: a number that no other attempt has, so that nobody reports for another.
                ALTER TABLE job ADD COLUMN claim           INTEGER;
                -- Queued and not to be claimed before; NULL = at once.
                ALTER TABLE job ADD COLUMN next_attempt_ms INTEGER;
                -- How often it was given back for a reason that was not its own: what the pause grows with.
                ALTER TABLE job ADD COLUMN postponements   INTEGER NOT NULL DEFAULT 0;
                -- How often a client had the failed job tried again.
                ALTER TABLE job ADD COLUMN retries         INTEGER NOT NULL DEFAULT 0;

                -- The queue in order; a claim passes those that pause without reading their rows.
                CREATE INDEX job_queue ON job (sequence, next_attempt_ms) WHERE state = 'queued';

                -- A job that is tried again ends again, and says so with a message of its own.
                DROP TRIGGER webhook_when_settled;
                CREATE TRIGGER webhook_when_settled AFTER UPDATE OF state ON job
                WHEN NEW.webhook_url IS NOT NULL AND NEW.finished_ms IS NOT NULL AND OLD.finished_ms IS NULL
                BEGIN
                    INSERT INTO webhook_delivery (id, job_id, key_id, url, event, traceparent, tracestate, created_ms, next_attempt_ms)
                    VALUES ('msg_' || NEW.id || IIF(NEW.retries > 0, '_' || NEW.retries, ''), NEW.id, NEW.key_id, NEW.webhook_url,
                        'job.' || NEW.state, NEW.traceparent, NEW.tracestate, NEW.finished_ms, NEW.finished_ms);
                END;
                """)
    }
}
