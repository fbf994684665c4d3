import Foundation
import Logging
import Storage

/// What an earlier process left in the folder of pictures, at start-up and before the first request.
///
/// Only what is known to be rubbish is removed: half-written files, pictures of deleted jobs, and as many pictures without a job as a crash
/// leaves (each was written a moment before its job would have been committed). Anything else means that the database is not the one
/// that belongs to these pictures, and then each of them may be somebody's only copy: it is moved to quarantine/, or the start is refused.
struct Recovery {
    /// The way out, for whoever starts the service.
    struct UnknownPictures: Error, CustomStringConvertible {
        let folder: String
        let count: Int
        let reason: String

        var description: String {
            "\(folder)/pictures holds the pictures of \(count) jobs that the database does not know, and \(reason); nothing was changed. Put "
                + "fidediff.sqlite back together with its fidediff.sqlite-wal, from where the pictures came or from a backup; or run "
                + "`fidediff check --repair --data \(folder)`, which moves the pictures to quarantine/"
        }
    }

    /// Requests that may be between their picture and their job when the process ends, twice over.
    static let handful = 16

    let folder: URL
    let jobs: JobStore
    let blobs: BlobStore
    let logger: Logger

    /// - Returns: how many files were removed
    /// - Throws: `UnknownPictures`, `StorageError`
    @discardableResult
    func run() throws -> Int {
        let names = try blobs.names()
        let unknown = try jobs.unknown(Set(names.pictures.keys)), gone = try jobs.gone(unknown), strange = unknown.subtracting(gone)
        if try !strange.isEmpty && !jobs.hasHeldJobs() {
            throw UnknownPictures(folder: folder.path, count: strange.count, reason: "the database has never held a job")
        }
        // After an orderly stop nothing is left. After a crash the log is there, with the commits since.
        let isCrash = jobs.found.holdsLog && !jobs.found.endedInOrder
        if strange.count > Self.handful && !isCrash && !jobs.found.endedInOrder {
            throw UnknownPictures(folder: folder.path, count: strange.count, reason: "its write-ahead log is missing or empty")
        }
        let rubbish = isCrash && strange.count <= Self.handful ? unknown : gone
        let removed = names.partial + rubbish.flatMap { names.pictures[$0] ?? [] }
        try blobs.remove(names: removed)
        let kept = unknown.subtracting(rubbish).flatMap { names.pictures[$0] ?? [] }
        if !kept.isEmpty {
            try blobs.setAside(names: kept, into: DataFolder.quarantine(in: folder))
            logger.error(
                "pictures that no job has, and that no crash explains, were moved to quarantine/",
                metadata: ["files": "\(kept.count)", "folder": "\(folder.path)"])
        }
        if !removed.isEmpty {
            try blobs.synchronize()
            logger.info("files that a crash left were removed", metadata: ["files": "\(removed.count)"])
        }
        try jobs.forgetGarbage(Array(gone))
        return removed.count
    }
}
