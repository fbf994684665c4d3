import Dispatch
import Foundation
import Logging
import Storage
import Synchronization

/// Who follows a job, and what they are told: each change of its state, progress, timestep or place in the queue.
///
/// An event is the job as it is, not what happened to it: nothing is kept for a client that was away. Its id names that state, so a client
/// that comes back with the last id it saw (Last-Event-ID, HTML section 9.2.4) is told what it missed, in one event, or nothing when
/// nothing changed; that holds across a restart of the service too. A follower costs memory and no thread.
///
/// Calls may come from any thread. Jobs are read and events written on one queue, so that each follower sees them in order.
final class JobEvents: Sendable {
    private struct Follower {
        let writer: BodyWriter
        var lastID: String?
        var lastState: JobState?
    }

    private struct State {
        var followers: [String: [UInt64: Follower]] = [:]  // by job
        var lastNumber: UInt64 = 0
    }

    private let jobs: JobStore
    private let configuration: Configuration
    private let logger: Logger
    private let queue = DispatchQueue(label: "fidediff.events", qos: .userInitiated)
    private let state = Mutex(State())

    init(jobs: JobStore, configuration: Configuration, logger: Logger) {
        self.jobs = jobs
        self.configuration = configuration
        self.logger = logger
    }

    /// Tells `writer` of the job as it is, unless that is what `lastID` names, and then of its changes, to its end.
    func follow(_ id: String, lastID: String?, _ writer: BodyWriter) {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.followers[id, default: [:]][state.lastNumber] = Follower(writer: writer, lastID: lastID)
            return state.lastNumber
        }
        writer.onClose { [self] in remove(id, number) }
        queue.async { self.tell([id]) }
    }

    /// Tells who follows a job that its row has changed.
    func changed(_ id: String) {
        guard state.withLock({ $0.followers[id] != nil }) else { return }
        queue.async { self.tell([id]) }
    }

    /// A job left the queue: those behind it are a place further.
    func queueMoved(_ id: String) {
        guard state.withLock({ !$0.followers.isEmpty }) else { return }
        queue.async {
            let followed = self.state.withLock { Set($0.followers.keys) }
            let waiting = (try? self.jobs.snapshot().queued.map(\.id)) ?? []
            self.tell(([id] + waiting).filter(followed.contains))
        }
    }

    /// How many clients follow any job.
    var count: Int { state.withLock { $0.followers.values.reduce(0) { $0 + $1.count } } }

    private func tell(_ ids: [String]) {
        do {
            let snapshot = try jobs.snapshot()
            for id in ids { tell(id, try jobs.job(id: id), snapshot) }
        } catch {
            // The next change is told again, whole.
            logger.warning("cannot tell the followers of a job", metadata: ["error": "\(error)"])
        }
    }

    private func tell(_ id: String, _ job: Job?, _ snapshot: QueueSnapshot) {
        guard let job else {
            // Deleted: there is nothing to follow any more.
            for follower in state.withLock({ $0.followers.removeValue(forKey: id) ?? [:] }).values { follower.writer.finish() }
            return
        }
        let document = JobDocument(job, snapshot, configuration), eventID = document.eventID
        let told = state.withLock { state -> [(writer: BodyWriter, name: String)] in
            var told: [(writer: BodyWriter, name: String)] = []
            for (number, follower) in state.followers[id] ?? [:] where follower.lastID != eventID {
                told.append((follower.writer, follower.lastState == job.state ? "progress" : "state"))
                state.followers[id]?[number]?.lastID = eventID
                state.followers[id]?[number]?.lastState = job.state
            }
            return told
        }
        for (writer, name) in told { writer.write(ServerSentEvent(id: eventID, name: name, data: Data(JSON.bytes(document))).bytes) }
        guard job.state.isFinal else { return }
        for follower in state.withLock({ $0.followers.removeValue(forKey: id) ?? [:] }).values { follower.writer.finish() }
    }

    private func remove(_ id: String, _ number: UInt64) {
        state.withLock { state in
            state.followers[id]?[number] = nil
            if state.followers[id]?.isEmpty == true { state.followers[id] = nil }
        }
    }
}
