import Engine
import Foundation
import Storage

/// Whose fault it is that an attempt came to nothing; what becomes of the job follows from it.
enum Fault: String, Sendable {
    /// Disk, descriptors, memory or database: the same may work later. The job goes back with a pause, and loses no attempt.
    case transient
    /// The picture's own: the job fails.
    case picture
    /// The program's or the weights': the job fails, and may be tried again (`POST /v1/jobs/{id}/retry`).
    case ours

    init(_ error: any Error) {
        switch error {
        case let error as StorageError where error.isTransient: self = .transient
        case is POSIXError, ImageError.outOfMemory: self = .transient
        default: self = Problem(error).type.status.kind == .clientError ? .picture : .ours
        }
    }
}

/// How long a job pauses that was given back: doubled each time up to a bound, and spread, so that many do not come back at once.
enum Pause {
    static let firstSeconds = 1.0, lastSeconds = 60.0

    /// - Parameters:
    ///   - earlier: pauses that the job has had
    ///   - spread: 0...1
    /// - Returns: seconds, half to all of the doubled time
    static func seconds(afterPauses earlier: Int, spread: Double) -> Double {
        min(firstSeconds * pow(2, Double(min(earlier, 30))), lastSeconds) * (0.5 + spread / 2)
    }
}
