import Dispatch
import Foundation
import Storage
import Synchronization

/// One request that waits for a job: until it is settled, until its time is up, until the service stops or the client has left.
///
/// Waits without a thread. Of the ends that may come at once, the first counts.
enum JobWait {
    enum End: Sendable {
        case settled(Job)
        /// The client's time is up; the job goes on.
        case timedOut
        /// The service stops; the job goes on after the next start.
        case stopping
    }

    /// Where times run out; what `end` then looks up must not be on an event loop.
    private static let queue = DispatchQueue(label: "fidediff.waits", qos: .userInitiated)

    /// - Parameters:
    ///   - seconds: 0 or less does not wait.
    ///   - current: the job as it is now; asked once the waiter stands, so that nothing is missed.
    ///   - left: called in the place of `end` when the client has left.
    ///   - end: called once, on any thread but an event loop's, unless the client leaves first.
    static func start(
        id: String, seconds: Double, waiters: JobWaiters, client: ClientPresence, current: () throws -> Job,
        left: @escaping @Sendable () -> Void, end: @escaping @Sendable (End) -> Void
    ) throws {
        let pending = Pending(end)
        let ticket = waiters.add(id: id) { news in
            switch news {
            case .settled(let job): pending.take()?(.settled(job))
            case .stopping: pending.take()?(.stopping)
            }
        }
        do {
            let job = try current()
            if job.state.isFinal || seconds <= 0 {
                if waiters.remove(ticket) { pending.take()?(job.state.isFinal ? .settled(job) : .timedOut) }
                return
            }
        } catch {
            // Whoever was called has answered; an error would be a second answer.
            guard waiters.remove(ticket) else { return }
            throw error
        }
        client.onDeparture {
            guard pending.take() != nil else { return }
            waiters.remove(ticket)
            left()
        }
        queue.asyncAfter(deadline: .now() + seconds) {
            guard let end = pending.take() else { return }
            waiters.remove(ticket)
            end(.timedOut)
        }
    }

    /// What is to be called, until the first one takes it; holds nothing afterwards.
    private final class Pending: Sendable {
        private let end: Mutex<(@Sendable (End) -> Void)?>

        init(_ end: @escaping @Sendable (End) -> Void) {
            self.end = Mutex(end)
        }

        func take() -> (@Sendable (End) -> Void)? {
            end.withLock { end in
                defer { end = nil }
                return end
            }
        }
    }
}
