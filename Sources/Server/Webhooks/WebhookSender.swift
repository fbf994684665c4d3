import Dispatch
import Foundation
import Logging
import Storage
import Synchronization

/// Delivers what the store says is due, a few at a time, and stores how each attempt came out.
///
/// At least once: a crash during an attempt, or an answer that got lost, means that the message is sent again, under the same webhook-id.
///
/// Calls may come from any thread. Attempts run on queues of their own.
final class WebhookSender: Sendable {
    private static let width = 16
    /// Attempts under way at one receiver: one that is silent takes no more of the places.
    private static let receiverWidth = 2
    /// Looks at the store at least so often: a clock that was set back must not hold webhooks up.
    private static let idleSeconds = 60.0
    private static let busySeconds = 1.0
    private static let maxErrorCharacters = 300

    private struct State {
        /// Those where no attempt is under way. Serial queues, since Dispatch gives each a thread of its own, while a concurrent one gets
        /// no more than it has cores: attempts that wait for slow receivers would hold up the others.
        var idle = (0..<WebhookSender.width).map { DispatchQueue(label: "fidediff.webhooks.\($0)") }
        /// Attempts under way, by receiver.
        var attempts: [String: Int] = [:]
        var isStopped = true

        var busy: Set<String> { Set(attempts.filter { $0.value >= WebhookSender.receiverWidth }.keys) }
    }

    private let settings: WebhookSettings
    private let client: WebhookClient
    private let jobs: JobStore
    private let metrics: Metrics
    private let logger: Logger
    /// Makes the document that a webhook says of a job.
    private let document: @Sendable (Job) -> JobDocument
    /// Serial: who looks last also sets the timer last.
    private let queue = DispatchQueue(label: "fidediff.webhooks")
    private let timer = Mutex<QueueTimer?>(nil)
    private let state = Mutex(State())

    init(
        settings: WebhookSettings, client: WebhookClient? = nil, jobs: JobStore, metrics: Metrics, logger: Logger,
        document: @escaping @Sendable (Job) -> JobDocument
    ) {
        self.settings = settings
        self.client = client ?? WebhookClient(settings: settings)
        self.jobs = jobs
        self.metrics = metrics
        self.logger = logger
        self.document = document
    }

    func start() {
        state.withLock { $0.isStopped = false }
        timer.withLock { $0 = QueueTimer(queue: queue) { [weak self] in self?.pump() } }
        wake()
    }

    /// Begins no more attempts; those under way may still be stored, or are due again after their lease.
    func stop() {
        state.withLock { $0.isStopped = true }
        timer.withLock { $0 = nil }
    }

    /// Tells the sender that a webhook may be due.
    func wake() {
        queue.async { [weak self] in self?.pump() }
    }

    /// Takes what is due while there is room, then sets the timer for what comes next.
    private func pump() {
        do {
            while let place = state.withLock({ $0.isStopped ? nil : $0.idle.popLast() }) {
                guard let delivery = try claim(for: place) else { break }
                state.withLock { $0.attempts[delivery.receiver, default: 0] += 1 }
                place.async {
                    self.attempt(delivery)
                    self.state.withLock { state in
                        state.idle.append(place)
                        state.attempts[delivery.receiver, default: 1] -= 1
                        if state.attempts[delivery.receiver] == 0 { state.attempts[delivery.receiver] = nil }
                    }
                    self.wake()
                }
            }
            let due = try jobs.nextWebhookAt(longestPauseSeconds: settings.longestPauseSeconds)
            let next = due?.timeIntervalSinceNow ?? Self.idleSeconds
            // Due, and no place for it: the end of an attempt wakes this, and else it looks again.
            look(afterSeconds: next > 0 ? min(next, Self.idleSeconds) : Self.busySeconds)
        } catch {
            logger.error("cannot look for webhooks", metadata: ["error": "\(error)"])
            look(afterSeconds: Self.idleSeconds)
        }
    }

    private func look(afterSeconds seconds: Double) {
        timer.withLock { $0?.schedule(afterSeconds: seconds) }
    }

    /// Gives the place back when there is nothing to do.
    private func claim(for place: DispatchQueue) throws -> WebhookDelivery? {
        var delivery: WebhookDelivery?
        defer { if delivery == nil { state.withLock { $0.idle.append(place) } } }
        delivery = try jobs.claimWebhook(
            leaseSeconds: settings.timeoutSeconds + WebhookSettings.leaseMarginSeconds, passing: state.withLock { $0.busy })
        return delivery
    }

    private func attempt(_ delivery: WebhookDelivery) {
        var status: Int?
        var failure: (told: String, logged: String)?
        var isFinal = false
        do {
            let answered = try post(delivery)
            status = answered
            if !(200..<300).contains(answered) {
                let text = "the receiver answered \(answered)"
                failure = (text, text)
            }
            // RFC 9110 section 15.5.11: the receiver says that it wants no more.
            isFinal = answered == 410
        } catch {
            let told = (error as? WebhookClient.Failure)?.forClient ?? "\(error)"
            failure = (String(told.prefix(Self.maxErrorCharacters)), String("\(error)".prefix(Self.maxErrorCharacters)))
            if case WebhookClient.Failure.notPublic = error { isFinal = true }
            if error is WebhookTarget.Invalid || error is Gone { isFinal = true }
        }
        settle(delivery, status, failure, isFinal: isFinal)
    }

    private struct Gone: Error, CustomStringConvertible { let description: String }

    private func post(_ delivery: WebhookDelivery) throws -> Int {
        let target = try WebhookTarget(delivery.url)
        let body = try delivery.body ?? makeBody(delivery)
        let secrets = try secrets(of: delivery)
        let timestamp = Int(Date().timeIntervalSince1970)
        var fields = [
            (name: "Content-Type", value: "application/json"), (name: "webhook-id", value: delivery.id),
            (name: "webhook-timestamp", value: String(timestamp)),
            (
                name: "webhook-signature",
                value: secrets.map { $0.signature(id: delivery.id, timestamp: timestamp, body: body) }.joined(separator: " ")
            ),
        ]
        // The attempt is a span of its own below the job's.
        if let trace = TraceContext(traceparent: delivery.traceparent, tracestate: delivery.tracestate)?.child {
            fields.append((name: "traceparent", value: trace.traceparent))
            if let state = trace.tracestate { fields.append((name: "tracestate", value: state)) }
        }
        return try client.post(body, to: target, fields: fields)
    }

    /// Standard Webhooks: type, timestamp and data.
    func body(of job: Job, _ delivery: WebhookDelivery) -> String {
        String(
            decoding: JSON.bytes(WebhookMessage(type: delivery.event, timestamp: delivery.createdAt, data: document(job))), as: UTF8.self)
    }

    /// Written down at the first attempt, if not before, when the job was deleted.
    private func makeBody(_ delivery: WebhookDelivery) throws -> String {
        guard let job = try jobs.job(id: delivery.jobID) else { throw Gone(description: "the job was deleted before its webhook was sent") }
        let body = body(of: job, delivery)
        try jobs.setWebhookBody(id: delivery.id, body)
        return body
    }

    private struct WebhookMessage: JSONWritable {
        let type: String
        let timestamp: Date
        let data: JobDocument

        func write(_ json: inout JSONWriter) {
            json.object { json in
                json.member("data", data)
                json.member("timestamp", timestamp)
                json.member("type", type)
            }
        }
    }

    private func secrets(of delivery: WebhookDelivery) throws -> [WebhookSecret] {
        guard let keyID = delivery.keyID else {
            guard !settings.secrets.isEmpty else { throw Gone(description: "the service has no webhook secret any more") }
            return settings.secrets
        }
        guard let key = try jobs.keys().first(where: { $0.id == keyID }), key.revokedAt == nil else {
            throw Gone(description: "the API key \(keyID) was revoked")
        }
        return [try WebhookSecret(key.webhookSecret)]
    }

    private func settle(_ delivery: WebhookDelivery, _ status: Int?, _ failure: (told: String, logged: String)?, isFinal: Bool) {
        let pause = isFinal ? nil : settings.pauseSeconds(afterAttempt: delivery.attempts, spread: Double.random(in: -1...1))
        let retryAt = failure == nil ? nil : pause.map { Date().addingTimeInterval($0) }
        metrics.webhook(failure == nil ? .delivered : retryAt == nil ? .failed : .retried)
        var metadata: Logger.Metadata = ["job": "\(delivery.jobID)", "webhook": "\(delivery.id)", "attempt": "\(delivery.attempts)"]
        if let trace = TraceContext(traceparent: delivery.traceparent, tracestate: nil) { metadata["trace_id"] = "\(trace.traceID)" }
        if let failure { metadata["reason"] = "\(failure.logged)" }
        logger.log(
            level: failure == nil ? .info : .warning, failure == nil ? "webhook delivered" : "webhook not delivered", metadata: metadata)
        do {
            try jobs.settleWebhook(id: delivery.id, status: status, error: failure?.told, retryAt: retryAt)
        } catch {
            logger.error(
                "cannot store how a webhook came out; it is sent again", metadata: ["webhook": "\(delivery.id)", "error": "\(error)"])
        }
    }
}
