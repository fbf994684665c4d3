import GRDB

/// The queue as it is now, in one view of the database.
extension JobStore {
    /// Jobs that the speed is measured over: enough to even out single ones, few enough to follow a change of machine or model.
    static let measuredJobs = 16

    public func snapshot() throws -> QueueSnapshot {
        try read { db in
            let works = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, state = 'running' AS is_running, IFNULL(work_pixels, width * height) AS pixels, progress
                        FROM job WHERE state IN ('queued', 'running') ORDER BY sequence
                        """)
            ).map { row in
                let work = QueueSnapshot.Work(
                    id: try row.decode(forColumn: "id"), pixels: try row.decode(forColumn: "pixels"),
                    progress: try row.decode(forColumn: "progress"))
                return (isRunning: try row.decode(Bool.self, forColumn: "is_running"), work: work)
            }
            // Jobs that were not run themselves say nothing about speed.
            let speed = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT SUM(finished_ms - started_ms) / 1000.0 AS seconds, SUM(pixels) AS pixels FROM (
                            SELECT finished_ms, started_ms, IFNULL(work_pixels, width * height) AS pixels
                            FROM job INDEXED BY job_computed
                            WHERE state = 'succeeded' AND reused_from IS NULL AND started_ms IS NOT NULL
                            ORDER BY sequence DESC LIMIT :count)
                        """), arguments: ["count": Self.measuredJobs])
            let seconds: Double? = try speed?.decode(forColumn: "seconds"), pixels: Int? = try speed?.decode(forColumn: "pixels")
            return QueueSnapshot(
                queued: works.filter { !$0.isRunning }.map(\.work), running: works.filter(\.isRunning).map(\.work),
                secondsPerPixel: pixels.flatMap { pixels in seconds.map { $0 / Double(max(pixels, 1)) } })
        }
    }
}
