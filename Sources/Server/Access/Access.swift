import Foundation
import HTTPTypes
import Logging
import Storage
import Synchronization

/// Who may call: API keys in `Authorization: Bearer` (RFC 6750), where the service asks for them.
///
/// What tells of the service itself and the page are open (`Route.needsKey`). All keys are held in memory, read again from the
/// store every second, so that `fidediff key` on the side takes effect and no request waits for the disk to be told who it is.
///
/// Calls may come from any thread.
final class Access: Sendable {
    private static let reloadSeconds = 1.0
    private static let daySeconds = 86_400
    /// As long as no picture is taken to be left: one that was counted and came to nothing may have been given back unseen.
    private static let memorySeconds = 5.0

    private struct State {
        var keys: [String: AccessKey] = [:]
        var windows: [String: RateWindow] = [:]
        /// Where keys stand with their pictures, and when the disk said so.
        var pictures: [String: (limit: RateLimit, at: Date)] = [:]
    }

    let isRequired: Bool
    private let jobs: JobStore
    private let logger: Logger
    private let state = Mutex(State())
    private let timer = Mutex<QueueTimer?>(nil)

    init(isRequired: Bool, jobs: JobStore, logger: Logger) {
        self.isRequired = isRequired
        self.jobs = jobs
        self.logger = logger
    }

    /// Reads the keys, and goes on doing so.
    /// - Throws: `StorageError`
    func start() throws {
        guard isRequired else { return }
        try reload()
        let timer = QueueTimer(every: Self.reloadSeconds, label: "fidediff.keys") { [weak self] in
            guard let self else { return }
            do {
                try self.reload()
            } catch {
                self.logger.error("cannot read the keys; those known stay in force", metadata: ["error": "\(error)"])
            }
        }
        self.timer.withLock { $0 = timer }
    }

    func reload() throws {
        let keys = Dictionary(try jobs.keys().filter { $0.revokedAt == nil }.map { ($0.id, $0) }) { $1 }
        state.withLock { state in
            state.windows = state.windows.filter { keys[$0.key]?.requestsPerMinute == $0.value.quota }
            state.pictures = state.pictures.filter { keys[$0.key]?.picturesPerDay == $0.value.limit.quota }
            state.keys = keys
        }
    }

    /// - Parameter needsKey: whether the call is one of those that are asked for a key
    /// - Throws: `Problem` (unauthorized, forbidden)
    func identify(_ fields: HTTPFields, _ method: HTTPRequest.Method, needsKey: Bool) throws -> Caller {
        guard isRequired, needsKey else { return .anyone }
        guard let value = fields[.authorization] else { throw Self.unauthorized("the request has no API key", error: nil) }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let text = KeyText(String(parts[1]).trimmingCharacters(in: .whitespaces))
        else {
            throw Self.unauthorized("the Authorization header holds no API key", error: "invalid_request")
        }
        let found = state.withLock { $0.keys[text.id] }
        // An unknown id takes as long as a known one.
        let matches = text.matches(found?.hash ?? Data(count: 32))
        guard let key = found, matches else { throw Self.unauthorized("the API key is unknown or revoked", error: "invalid_token") }
        guard key.maySubmit || method == .get || method == .head else {
            throw Problem(.forbidden, "the API key '\(key.name)' may only read")
        }
        return .key(key)
    }

    /// Whether the caller has a request left, without counting one: for a request whose body is still to come.
    /// - Returns: where it stands, where that is known.
    /// - Throws: `Problem` (rate_limited)
    func peek(_ caller: Caller, at now: MonotonicInstant) throws -> RateLimit? {
        guard case .key(let key) = caller, let limit = state.withLock({ $0.windows[key.id]?.state(at: now) }) else { return nil }
        guard limit.remaining > 0 else { throw Self.rateLimited(limit) }
        return limit
    }

    /// Counts one request.
    /// - Throws: `Problem` (rate_limited)
    func take(_ caller: Caller, at now: MonotonicInstant) throws -> [RateLimit] {
        guard case .key(let key) = caller, let quota = key.requestsPerMinute else { return [] }
        let (taken, standing) = state.withLock { state in
            let taken = state.windows[key.id, default: RateWindow(quota: quota)].take(at: now)
            return (taken, state.windows[key.id]?.state(at: now))
        }
        if let taken { return [taken] }
        throw standing.map(Self.rateLimited) ?? Problem(.rateLimited, "no request is left")
    }

    /// Whether the caller has a picture left, as far as that is known without the disk: for a request whose body is still to come.
    /// - Returns: where it stands, where that is known.
    /// - Throws: `Problem` (quota_used)
    func peekPicture(_ caller: Caller, now: Date) throws -> RateLimit? {
        guard case .key(let key) = caller, let known = state.withLock({ $0.pictures[key.id] }) else { return nil }
        let age = now.timeIntervalSince(known.at)
        guard age < Double(known.limit.resetSeconds) else { return nil }  // another day
        let limit = Self.pictures(quota: known.limit.quota, remaining: known.limit.remaining, now)
        if limit.remaining == 0, age < Self.memorySeconds { throw Self.quotaUsed(key, limit) }
        return limit
    }

    /// Counts one picture. Touches the disk.
    /// - Throws: `Problem` (quota_used), `StorageError`
    func spendPicture(_ caller: Caller, now: Date) throws -> RateLimit? {
        guard case .key(let key) = caller, let quota = key.picturesPerDay else { return nil }
        let remaining = try jobs.spendPicture(keyID: key.id, limit: quota, now: now)
        let limit = Self.pictures(quota: quota, remaining: remaining ?? 0, now)
        state.withLock { $0.pictures[key.id] = (limit, now) }
        guard remaining != nil else { throw Self.quotaUsed(key, limit) }
        return limit
    }

    /// A picture was counted, and came to nothing: refused, unacceptable, or sent before.
    /// - Parameter day: when it was counted
    func returnPicture(_ caller: Caller, day: Date) {
        guard case .key(let key) = caller, key.picturesPerDay != nil else { return }
        do {
            try jobs.returnPicture(keyID: key.id, now: day)
            state.withLock { state in
                if let known = state.pictures[key.id] { state.pictures[key.id] = (known.limit.withOneMore, known.at) }
            }
        } catch {
            logger.warning("a picture that came to nothing stays counted", metadata: ["key": "\(key.id)", "error": "\(error)"])
        }
    }

    /// RFC 6750 section 3: no error code where the request held no credentials.
    private static func unauthorized(_ detail: String, error: String?) -> Problem {
        Problem(
            .unauthorized, detail,
            fields: [
                .wwwAuthenticate: "Bearer realm=\"fidediff\"" + (error.map { ", error=\"\($0)\"" } ?? "")
            ])
    }

    private static func pictures(quota: Int, remaining: Int, _ now: Date) -> RateLimit {
        RateLimit(
            name: RateLimit.pictures, quota: quota, windowSeconds: daySeconds, remaining: remaining,
            resetSeconds: daySeconds - Int(now.timeIntervalSince1970.rounded(.down)) % daySeconds)
    }

    private static func quotaUsed(_ key: AccessKey, _ limit: RateLimit) -> Problem {
        Problem(
            .quotaUsed, "the API key '\(key.name)' has used the \(limit.quota) pictures of this UTC day", limit: limit.quota,
            measured: limit.quota, retryAfterSeconds: limit.resetSeconds, fields: RateLimit.fields([limit]))
    }

    private static func rateLimited(_ limit: RateLimit) -> Problem {
        Problem(
            .rateLimited, "the API key may send \(limit.quota) requests in \(limit.windowSeconds) s, and has", limit: limit.quota,
            measured: limit.quota, retryAfterSeconds: limit.resetSeconds, fields: RateLimit.fields([limit]))
    }
}
