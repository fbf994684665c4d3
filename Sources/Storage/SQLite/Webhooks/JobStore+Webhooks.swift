import Foundation
import GRDB

/// The webhooks that are due. A trigger records one when its job ends (`Step3Operations`).
extension JobStore {
    /// Rows that a claim looks through.
    private static let dueAtOnce = 200

    /// Takes the webhook that is due longest. Until `leaseSeconds` have passed nobody else gets it; after a crash it is then due again.
    /// - Parameters:
    ///   - busy: receivers that have as many attempts under way as they may; theirs wait.
    ///   - busySeconds: how long those wait at least that stand before others
    public func claimWebhook(
        now: Date = Date(), leaseSeconds: Double, passing busy: Set<String> = [], busySeconds: Double = 10
    ) throws -> WebhookDelivery? {
        while true {
            let (claimed, passed) = try write { db in
                let claimed = try Self.claimWebhook(now, leaseSeconds, busy, db)
                // Each claim looks at so many rows and no more: where others stand behind those it passed in vain, those are put behind them.
                let passed = claimed == nil && !busy.isEmpty ? try Self.passWebhooks(now, busySeconds, db) : 0
                return (claimed, passed)
            }
            if claimed != nil || passed < Self.dueAtOnce { return claimed }
        }
    }

    private static func claimWebhook(_ now: Date, _ leaseSeconds: Double, _ busy: Set<String>, _ db: Database) throws -> WebhookDelivery? {
        let marks = busy.map { _ in "?" }.joined(separator: ", ")
        let arguments: StatementArguments = [now.millisecondsSince1970, now.addingTimeInterval(leaseSeconds).millisecondsSince1970]
        return try Row.fetchAll(
            db,
            sql: """
                UPDATE webhook_delivery SET attempts = attempts + 1, last_attempt_ms = ?1, next_attempt_ms = ?2
                WHERE id = (SELECT id FROM (
                    SELECT id, url, next_attempt_ms FROM webhook_delivery WHERE state = 'pending' AND next_attempt_ms <= ?1
                    ORDER BY next_attempt_ms LIMIT \(dueAtOnce)
                ) WHERE \(WebhookDelivery.receiverSQL) NOT IN (\(marks)) ORDER BY next_attempt_ms LIMIT 1)
                RETURNING *
                """, arguments: arguments + StatementArguments(busy.sorted())
        ).first.map(WebhookDelivery.init(row:))
    }

    /// - Returns: how many were put behind the others
    private static func passWebhooks(_ now: Date, _ seconds: Double, _ db: Database) throws -> Int {
        let isLonger = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM webhook_delivery WHERE state = 'pending' AND next_attempt_ms <= ? LIMIT 1 OFFSET \(dueAtOnce))
                """, arguments: [now.millisecondsSince1970])
        guard isLonger == true else { return 0 }
        try db.execute(
            sql: """
                UPDATE webhook_delivery SET next_attempt_ms = :later WHERE id IN (
                    SELECT id FROM webhook_delivery WHERE state = 'pending' AND next_attempt_ms <= :now ORDER BY next_attempt_ms LIMIT \(dueAtOnce))
                """,
            arguments: ["now": now.millisecondsSince1970, "later": now.addingTimeInterval(seconds).millisecondsSince1970])
        return db.changesCount
    }

    /// Keeps what the first attempt sends, for the others.
    public func setWebhookBody(id: String, _ body: String) throws {
        try write { try $0.execute(sql: "UPDATE webhook_delivery SET body = ? WHERE id = ?", arguments: [body, id]) }
    }

    /// Stores how an attempt came out. A webhook whose job is gone is forgotten with its last attempt.
    /// - Parameters:
    ///   - status: of the answer, if there was one.
    ///   - error: why it is no success; nil = delivered.
    ///   - retryAt: nil = there is no further attempt.
    public func settleWebhook(id: String, status: Int?, error: String?, retryAt: Date?) throws {
        let state: WebhookDelivery.State = error == nil ? .delivered : retryAt == nil ? .failed : .pending
        try write { db in
            try db.execute(
                sql: """
                    UPDATE webhook_delivery SET state = :state, next_attempt_ms = :next, last_status = :status, last_error = :error WHERE id = :id
                    """,
                arguments: [
                    "id": id, "state": state.rawValue, "next": state == .pending ? retryAt?.millisecondsSince1970 : nil, "status": status,
                    "error": error,
                ])
            try db.execute(
                sql: """
                    DELETE FROM webhook_delivery
                    WHERE id = :id AND state <> 'pending' AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = webhook_delivery.job_id)
                    """, arguments: ["id": id])
        }
    }

    /// When the next webhook is due; nil when none waits.
    /// - Parameter longestPauseSeconds: what is due later than that was put off before the clock was set back, and is due now.
    public func nextWebhookAt(now: Date = Date(), longestPauseSeconds: Double = .infinity) throws -> Date? {
        let latest = now.addingTimeInterval(longestPauseSeconds).millisecondsSince1970
        let (next, isLate) = try read { db in
            (
                try Int64.fetchOne(db, sql: "SELECT MIN(next_attempt_ms) FROM webhook_delivery WHERE state = 'pending'"),
                try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM webhook_delivery WHERE state = 'pending' AND next_attempt_ms > ?)",
                    arguments: [latest])
            )
        }
        guard isLate == true else { return next.map(Date.init(millisecondsSince1970:)) }
        try write {
            try $0.execute(
                sql: "UPDATE webhook_delivery SET next_attempt_ms = ? WHERE state = 'pending' AND next_attempt_ms > ?",
                arguments: [now.millisecondsSince1970, latest])
        }
        return now
    }

    /// The webhook of a job's last end; nil when it has none, or is not over.
    public func webhook(jobID: String) throws -> WebhookDelivery? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM webhook_delivery WHERE job_id = ? ORDER BY created_ms DESC, rowid DESC LIMIT 1", arguments: [jobID]
            ).map(WebhookDelivery.init(row:))
        }
    }

    /// Before a job goes: what is still to be sent is written down, what is settled is forgotten.
    static func keepWebhooks(of id: String, _ body: WebhookBody?, _ db: Database) throws {
        let all = try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM webhook_delivery WHERE job_id = ?"), arguments: [id])
            .map(WebhookDelivery.init(row:))
        for delivery in all where delivery.state == .pending && delivery.body == nil {
            guard let body, let job = try find(id, db) else { continue }
            try db.execute(
                sql: "UPDATE webhook_delivery SET body = ? WHERE id = ?", arguments: [try body(job, delivery), delivery.id])
        }
        if all.contains(where: { $0.state != .pending }) {
            try db.execute(sql: "DELETE FROM webhook_delivery WHERE job_id = ? AND state <> 'pending'", arguments: [id])
        }
    }
}

extension WebhookDelivery {
    /// `receiver`, of the column `url`.
    static let receiverSQL = "substr(url, 1, IIF(instr(substr(url, 9), '/') > 0, instr(substr(url, 9), '/') + 7, length(url)))"
}
