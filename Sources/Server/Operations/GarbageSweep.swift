import Foundation
import Logging
import Storage

/// Removes the pictures of jobs that are gone, and tries again what failed; and those whose jobs came to nothing in doubt.
struct GarbageSweep: Sendable {
    private static let jobsAtOnce = 500

    let jobs: JobStore
    let blobs: BlobStore
    let doubtful: DoubtfulPictures
    let logger: Logger

    /// At once, for a job that was just deleted; what fails is left for `run`.
    func remove(_ id: String) {
        do {
            try remove([id])
        } catch {
            logger.warning("cannot remove the pictures of a deleted job yet", metadata: ["job": "\(id)", "error": "\(error)"])
        }
    }

    /// - Throws: `StorageError`: the rest stays for the next time
    func run() throws {
        var last: (any Error)?
        var tried: Set<String> = []
        while case let ids = try jobs.garbage(limit: Self.jobsAtOnce + tried.count).filter({ !tried.contains($0) }), !ids.isEmpty {
            for id in ids {
                tried.insert(id)
                do { try remove([id]) } catch { last = error }
            }
        }
        try settleDoubts()
        if let last { throw last }
    }

    private func remove(_ ids: [String]) throws {
        for id in ids { try blobs.remove(id: id) }
        try blobs.synchronize()
        try jobs.forgetGarbage(ids)
    }

    private func settleDoubts() throws {
        let ids = doubtful.all
        guard !ids.isEmpty else { return }
        // A commit that goes through writes over the one that failed; what is there now stays.
        try jobs.probe()
        for id in try jobs.unknown(ids) {
            try blobs.remove(id: id)
        }
        doubtful.forget(ids)
    }
}
