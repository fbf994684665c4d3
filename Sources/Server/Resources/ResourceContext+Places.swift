import Foundation
import HTTPTypes
import Storage

/// What a client is told when nothing more can wait: before its body where that is known, and when to come again.
extension ResourceContext {
    /// Seconds of a job where none was measured yet.
    private static let unknownSeconds = 5.0

    /// For calls that make a job. One that names itself may be here already, and then needs no place.
    /// - Throws: `Problem` (queue_full)
    func foreseeJob(_ head: HTTPRequest) throws {
        guard head.headerFields[.idempotencyKey] == nil, let full = places.foresee(at: .now()) else { return }
        throw Problem(full: jobs.maxQueued, full.measured, "jobs wait", retryAfterSeconds: full.retryAfterSeconds)
    }

    /// - Throws: `Problem` (queue_full)
    func foreseeBlurLevel(_ head: HTTPRequest) throws {
        let limit = configuration.maxWaitingBlurLevels, waiting = blurLevels.waiting
        if waiting >= limit { throw BoundedQueue.Full(limit: limit, waiting: waiting) }
    }

    /// The problem, with the time after which a place is likely for this client.
    func timed(_ error: any Error) -> any Error {
        var problem = Problem(error)
        guard problem.type == .queueFull, let snapshot = try? jobs.snapshot() else { return error }
        let pixels = snapshot.queued.reduce(0.0) { $0 + Double($1.pixels) } / Double(max(snapshot.queued.count, 1))
        let each = snapshot.secondsPerPixel.map { $0 * pixels / Double(max(pool.workers, 1)) } ?? Self.unknownSeconds
        let first = snapshot.secondsUntilPlace ?? each
        if case StorageError.queueShareUsed = error {
            // The queue is not full, and nobody else is to be told that it is.
            problem.retryAfterSeconds = Int(min(max(first.rounded(.up), 1), PlaceForecast.maxSeconds))
        } else {
            problem.retryAfterSeconds = places.refused(
                secondsUntilPlace: first, secondsPerPlace: each, measured: snapshot.queued.count, at: .now())
        }
        return problem
    }
}
