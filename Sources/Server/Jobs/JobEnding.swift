import Engine
import Storage

/// How one attempt at a job came out, before it is stored.
enum JobEnding: Sendable {
    /// The output is in the blob store. The timestep is the network's, 0...999.
    case succeeded(JobOutput, predictedTimestep: Int)
    case failed(Problem)
    /// The job ended because a client cancelled it.
    case cancelled
    /// The service stops: the job goes back into the queue.
    case interrupted
    /// Nothing that the job can help: it goes back into the queue, and pauses.
    case postponed

    /// What a worker's progress callback throws to stop the engine.
    enum Stop: Error {
        case cancelled, interrupted
    }

    init(_ error: any Error) {
        switch error {
        case Stop.interrupted: self = .interrupted
        case Stop.cancelled, DeblurError.cancelled: self = .cancelled
        default: self = Fault(error) == .transient ? .postponed : .failed(Problem(error))
        }
    }
}
