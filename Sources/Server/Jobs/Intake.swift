// Intake.swift: steps 3 and 4 of the way of one image: look at the headers, then record the job.
//
// The order is what makes "accepted" true: the picture is on disk before its job is committed, and the job is committed
// before the client hears of it. When anything fails in between, the picture is removed and nothing was accepted.

import Engine
import Foundation
import Storage

/// Calls block on the disk; never on an event loop.
struct Intake: Sendable {
    let jobs: JobStore
    let blobs: BlobStore
    let maxPixels: Int

    /// Refuses, from the headers alone, what the engine would refuse.
    /// - Throws: `Problem` (empty_body), `ImageError`
    func inspect(_ image: Data) throws -> ImageInfo {
        guard !image.isEmpty else {
            throw Problem(.emptyBody, "the request has no body", limit: 1, measured: 0)
        }
        let info = try ImageInspector.inspect(image)
        try info.requireSize(maxPixels: maxPixels)
        return info
    }

    /// Accepts a picture as a job; it is on disk on return.
    /// - Throws: as `inspect`; `StorageError.queueFull`, `.diskFull`
    func accept(_ image: Data, id: String, options: JobOptions, context: JobContext = JobContext()) throws -> Job {
        let info = try inspect(image)
        // Asked again when the job is committed; asked first to spare the disk a picture that has no place.
        let queued = try jobs.queuedCount()
        guard queued < jobs.maxQueued else { throw StorageError.queueFull(limit: jobs.maxQueued, queued: queued) }

        try blobs.write(image, id: id, kind: .input)
        do {
            var new = NewJob(
                id: id, inputFormat: info.format.rawValue, inputBytes: image.count, width: info.width, height: info.height,
                inputHash: ContentHash.of(image),
                requestedTimestep: options.timestep)
            new.context = context
            return try jobs.enqueue(new)
        } catch {
            // The first error is the one that counts; a picture that stays is removed at the next start.
            try? blobs.remove(id: id)
            throw error
        }
    }
}
