import GRDB

/// What the database needs to be operated: whose job it is and which request and trace it came from, what has
/// expired, who may call, and which webhooks are still to be sent.
extension Migrations {
    static let operations = "3 operations: context, retention, keys, webhooks"

    static func addOperations(_ db: Database) throws {
        try db.execute(
            sql: """
                -- Where a job came from: the API key, the request, the trace (W3C Trace Context), and who wants to hear how it ends.
                ALTER TABLE job ADD COLUMN key_id      TEXT;
                ALTER TABLE job ADD COLUMN request_id  TEXT;
                ALTER TABLE job ADD COLUMN traceparent TEXT;
                ALTER TABLE job ADD COLUMN tracestate  TEXT;
                ALTER TABLE job ADD COLUMN webhook_url TEXT;
                -- SHA-256 of the output, hexadecimal; NULL for jobs of older versions.
                ALTER TABLE job ADD COLUMN output_hash TEXT;
                CREATE INDEX job_by_finish ON job (finished_ms) WHERE finished_ms IS NOT NULL;
                CREATE INDEX job_by_key ON job (key_id) WHERE key_id IS NOT NULL;

                -- Jobs that retention removed, so that their ids are answered with 410 and not with 404.
                CREATE TABLE tombstone (
                    id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 26),
                    key_id     TEXT,
                    expired_ms INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX tombstone_by_expiry ON tombstone (expired_ms);

                CREATE TABLE access_key (
                    id                  TEXT    NOT NULL PRIMARY KEY,
                    name                TEXT    NOT NULL,
                    hash                BLOB    NOT NULL CHECK (length(hash) = 32),
                    may_submit          INTEGER NOT NULL CHECK (may_submit IN (0, 1)),
                    requests_per_minute INTEGER CHECK (requests_per_minute > 0),
                    pictures_per_day    INTEGER CHECK (pictures_per_day > 0),
                    webhook_secret      TEXT    NOT NULL,
                    created_ms          INTEGER NOT NULL,
                    revoked_ms          INTEGER
                ) STRICT;

                CREATE TABLE key_usage (
                    key_id   TEXT    NOT NULL,
                    day      INTEGER NOT NULL,
                    pictures INTEGER NOT NULL,
                    PRIMARY KEY (key_id, day)
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE webhook_delivery (
                    id              TEXT    NOT NULL PRIMARY KEY,
                    job_id          TEXT    NOT NULL,
                    key_id          TEXT,
                    url             TEXT    NOT NULL,
                    event           TEXT    NOT NULL,
                    traceparent     TEXT,
                    tracestate      TEXT,
                    -- Made at the first attempt and the same in all: the job may be gone by the last.
                    body            TEXT,
                    state           TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
                    attempts        INTEGER NOT NULL DEFAULT 0,
                    created_ms      INTEGER NOT NULL,
                    next_attempt_ms INTEGER,
                    last_attempt_ms INTEGER,
                    last_status     INTEGER,
                    last_error      TEXT,
                    CHECK ((state = 'pending') = (next_attempt_ms IS NOT NULL))
                ) STRICT;
                CREATE INDEX webhook_delivery_due ON webhook_delivery (next_attempt_ms) WHERE state = 'pending';
                CREATE INDEX webhook_delivery_by_job ON webhook_delivery (job_id);

                -- A trigger, so that whatever ends a job also records its webhook, in the same transaction: neither is ever there alone.
                CREATE TRIGGER webhook_when_settled AFTER UPDATE OF state ON job
                WHEN NEW.webhook_url IS NOT NULL AND NEW.finished_ms IS NOT NULL AND OLD.finished_ms IS NULL
                BEGIN
                    INSERT INTO webhook_delivery (id, job_id, key_id, url, event, traceparent, tracestate, created_ms, next_attempt_ms)
                    VALUES ('msg_' || NEW.id, NEW.id, NEW.key_id, NEW.webhook_url, 'job.' || NEW.state, NEW.traceparent, NEW.tracestate,
                        NEW.finished_ms, NEW.finished_ms);
                END;
                """)
    }
}
