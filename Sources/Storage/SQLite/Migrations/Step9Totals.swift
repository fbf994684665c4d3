import GRDB

/// What the database needs so that no statement walks all jobs: counts that are kept, and indices for what is looked for.
extension Migrations {
    static let totals = "9 totals: counts and indices"

    static func addTotals(_ db: Database) throws {
        try db.execute(
            sql: """
                -- The last jobs that were computed, for the speed.
                CREATE INDEX job_computed ON job (sequence) WHERE state = 'succeeded' AND reused_from IS NULL AND started_ms IS NOT NULL;
                CREATE INDEX job_by_creation ON job (created_ms, predicted_timestep, key_id);
                CREATE INDEX job_by_key_and_state ON job (key_id, state) WHERE key_id IS NOT NULL;
                CREATE INDEX job_by_input_file ON job (input_file) WHERE input_file IS NOT NULL;
                CREATE INDEX job_by_output_file ON job (output_file) WHERE output_file IS NOT NULL;
                CREATE INDEX webhook_delivery_settled ON webhook_delivery (created_ms) WHERE state <> 'pending';

                -- A file that several jobs have counts once; all that have it are in one state, succeeded.
                CREATE TABLE job_total (
                    state        TEXT    NOT NULL PRIMARY KEY,
                    jobs         INTEGER NOT NULL DEFAULT 0,
                    input_bytes  INTEGER NOT NULL DEFAULT 0,
                    output_bytes INTEGER NOT NULL DEFAULT 0
                ) STRICT, WITHOUT ROWID;
                INSERT INTO job_total (state) VALUES ('queued'), ('running'), ('succeeded'), ('failed'), ('cancelled');

                CREATE TABLE delivery_total (
                    state      TEXT    NOT NULL PRIMARY KEY,
                    deliveries INTEGER NOT NULL DEFAULT 0
                ) STRICT, WITHOUT ROWID;
                INSERT INTO delivery_total (state) VALUES ('pending'), ('delivered'), ('failed');

                -- Predicted timesteps by the UTC day of the job's creation; '' = made without a key.
                CREATE TABLE blur_level_day (
                    day      INTEGER NOT NULL,
                    key_id   TEXT    NOT NULL,
                    timestep INTEGER NOT NULL,
                    jobs     INTEGER NOT NULL,
                    PRIMARY KEY (day, key_id, timestep)
                ) STRICT, WITHOUT ROWID;
                """)
        try db.execute(sql: jobTotalTriggers + deliveryTotalTriggers + blurLevelTriggers)
        try countAll(db)
    }

    /// Counts anew what the triggers keep.
    static func countAll(_ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE job_total SET
                    jobs = (SELECT COUNT(*) FROM job WHERE job.state = job_total.state),
                    input_bytes = (SELECT IFNULL(SUM(bytes), 0) FROM
                        (SELECT MAX(input_bytes) AS bytes FROM job WHERE job.state = job_total.state GROUP BY IFNULL(input_file, id))),
                    output_bytes = (SELECT IFNULL(SUM(bytes), 0) FROM
                        (SELECT MAX(output_bytes) AS bytes FROM job WHERE job.state = job_total.state GROUP BY IFNULL(output_file, id)));
                UPDATE delivery_total SET
                    deliveries = (SELECT COUNT(*) FROM webhook_delivery WHERE webhook_delivery.state = delivery_total.state);
                DELETE FROM blur_level_day;
                INSERT INTO blur_level_day (day, key_id, timestep, jobs)
                    SELECT \(day("created_ms")), IFNULL(key_id, ''), predicted_timestep, COUNT(*) FROM job WHERE predicted_timestep IS NOT NULL
                    GROUP BY 1, 2, 3;
                """)
    }

    /// Days since 1970, rounded down, of milliseconds.
    static func day(_ milliseconds: String) -> String {
        "(\(milliseconds) / 86400000 - (\(milliseconds) % 86400000 < 0))"
    }

    /// `bytes` of a row, unless another row has the file; the row itself may be there or not.
    private static func bytes(_ row: String, _ kind: String) -> String {
        """
        IIF(EXISTS (SELECT 1 FROM job WHERE \(kind)_file = IFNULL(\(row).\(kind)_file, \(row).id) AND id <> \(row).id)
            OR EXISTS (SELECT 1 FROM job WHERE id = \(row).\(kind)_file AND id <> \(row).id AND \(kind)_file IS NULL),
            0, IFNULL(\(row).\(kind)_bytes, 0))
        """
    }

    private static func count(_ row: String, _ sign: String) -> String {
        """
        UPDATE job_total SET jobs = jobs \(sign) 1, input_bytes = input_bytes \(sign) \(bytes(row, "input")),
            output_bytes = output_bytes \(sign) \(bytes(row, "output")) WHERE state = \(row).state;
        """
    }

    private static let jobTotalTriggers = """
        CREATE TRIGGER job_total_inserted AFTER INSERT ON job BEGIN \(count("NEW", "+")) END;
        CREATE TRIGGER job_total_updated AFTER UPDATE OF state, input_bytes, output_bytes, input_file, output_file ON job
            BEGIN \(count("OLD", "-")) \(count("NEW", "+")) END;
        CREATE TRIGGER job_total_deleted AFTER DELETE ON job BEGIN \(count("OLD", "-")) END;
        """

    private static let deliveryTotalTriggers = """
        CREATE TRIGGER delivery_total_inserted AFTER INSERT ON webhook_delivery
            BEGIN UPDATE delivery_total SET deliveries = deliveries + 1 WHERE state = NEW.state; END;
        CREATE TRIGGER delivery_total_updated AFTER UPDATE OF state ON webhook_delivery WHEN NEW.state <> OLD.state BEGIN
            UPDATE delivery_total SET deliveries = deliveries - 1 WHERE state = OLD.state;
            UPDATE delivery_total SET deliveries = deliveries + 1 WHERE state = NEW.state;
        END;
        CREATE TRIGGER delivery_total_deleted AFTER DELETE ON webhook_delivery
            BEGIN UPDATE delivery_total SET deliveries = deliveries - 1 WHERE state = OLD.state; END;
        """

    private static func tally(_ row: String) -> String {
        """
        INSERT INTO blur_level_day (day, key_id, timestep, jobs)
            SELECT \(day("\(row).created_ms")), IFNULL(\(row).key_id, ''), \(row).predicted_timestep, 1 WHERE \(row).predicted_timestep IS NOT NULL
            ON CONFLICT (day, key_id, timestep) DO UPDATE SET jobs = jobs + 1;
        """
    }

    private static func untally(_ row: String) -> String {
        let which = "day = \(day("\(row).created_ms")) AND key_id = IFNULL(\(row).key_id, '') AND timestep = \(row).predicted_timestep"
        return "UPDATE blur_level_day SET jobs = jobs - 1 WHERE \(which); DELETE FROM blur_level_day WHERE \(which) AND jobs <= 0;"
    }

    private static let blurLevelTriggers = """
        CREATE TRIGGER blur_level_inserted AFTER INSERT ON job WHEN NEW.predicted_timestep IS NOT NULL BEGIN \(tally("NEW")) END;
        CREATE TRIGGER blur_level_updated AFTER UPDATE OF predicted_timestep ON job WHEN NEW.predicted_timestep IS NOT OLD.predicted_timestep
            BEGIN \(untally("OLD")) \(tally("NEW")) END;
        CREATE TRIGGER blur_level_deleted AFTER DELETE ON job WHEN OLD.predicted_timestep IS NOT NULL BEGIN \(untally("OLD")) END;
        """
}
