import Foundation
import GRDB

/// The webhooks that are due. A trigger records one when its job ends (`Step3Operations`).
extension JobStore {
    /// Takes the webhook that is due longest. Until `leaseSeconds` have passed nobody else gets it; after a crash it is then due again.
    public func claimWebhook(now: Date = Date(), leaseSeconds: Double) throws -> WebhookDelivery? {
        try writeStatement { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        UPDATE webhook_delivery SET attempts = attempts + 1, last_attempt_ms = :now, next_attempt_ms = :lease
                        WHERE id = (SELECT id FROM webhook_delivery WHERE state = 'pending' AND next_attempt_ms <= :now ORDER BY next_attempt_ms LIMIT 1)
                        RETURNING *
                        """),
                arguments: [
                    "now": now.millisecondsSince1970, "lease": now.addingTimeInterval(leaseSeconds).millisecondsSince1970,
                ]
            ).first.map(WebhookDelivery.init(row:))
        }
    }

    /// Keeps what the first attempt sends, for the others.
    public func setWebhookBody(id: String, _ body: String) throws {
        try write { try $0.execute(sql: "UPDATE webhook_delivery SET body = ? WHERE id = ?", arguments: [body, id]) }
    }

    /// Stores how an attempt came out.
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
        }
    }

    /// When the next webhook is due; nil when none waits.
    public func nextWebhookAt() throws -> Date? {
        try read { db in
            try Int64.fetchOne(db, sql: "SELECT MIN(next_attempt_ms) FROM webhook_delivery WHERE state = 'pending'")
                .map(Date.init(millisecondsSince1970:))
        }
    }

    /// The webhook of a job; nil when it has none, or is not over.
    public func webhook(jobID: String) throws -> WebhookDelivery? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM webhook_delivery WHERE job_id = ?", arguments: [jobID]).map(WebhookDelivery.init(row:))
        }
    }
}
