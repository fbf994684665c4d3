// JobEnding.swift: how one attempt at a job came out, before it is stored.

import Engine
import Storage

enum JobEnding: Sendable {
    /// The output is in the blob store.
    case succeeded(Output)
    case failed(Problem)
    /// A client asked for it.
    case cancelled
    /// The service stops: the job goes back into the queue.
    case interrupted

    struct Output: Sendable {
        let format: String
        let bytes: Int
        /// nil where the job that it was computed for is of a version that did not keep it.
        let hash: String?
        let stageSeconds: String
        let predictedTimestep: Int
        /// Both nil where the job that it was computed for is of a version that did not keep them.
        let isUnchanged: Bool?
        let reblurPSNR: Double?
        /// Of the program that computed it; nil as `hash`.
        let version: String?
        /// The job that it was computed for, if not for this one.
        var reusedFrom: String?
        /// The job under whose name it was first stored, if this one's is a link to it.
        var file: String?
    }

    /// What a worker's progress callback throws to stop the engine.
    enum Stop: Error {
        case cancelled, interrupted
    }

    init(_ error: any Error) {
        switch error {
        case Stop.interrupted: self = .interrupted
        case Stop.cancelled, DeblurError.cancelled: self = .cancelled
        default: self = .failed(Problem(error))
        }
    }
}

extension JobEnding.Output {
    /// Of a job that has succeeded, for another.
    init?(of twin: Job) {
        guard let format = twin.outputFormat, let bytes = twin.outputBytes, let seconds = twin.stageSeconds, let timestep = twin.predictedTimestep
        else { return nil }
        self.init(
            format: format, bytes: bytes, hash: twin.outputHash, stageSeconds: seconds, predictedTimestep: timestep,
            isUnchanged: twin.isUnchanged, reblurPSNR: twin.reblurPSNR, version: twin.version,
            reusedFrom: twin.id)
    }
}
