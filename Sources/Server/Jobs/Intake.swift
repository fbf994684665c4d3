import Engine
import Foundation
import Storage

/// Steps 3 and 4 of the way of one photograph: look at the headers, then record the job.
///
/// The order is what makes "accepted" true: the picture is on disk before its job is committed, and the job is committed
/// before the client hears of it. When anything fails in between, the picture is removed and nothing was accepted.
///
/// Calls block on the disk; never on an event loop.
struct Intake: Sendable {
    let jobs: JobStore
    let blobs: BlobStore
    let maxPixels: Int
    /// Into whose memory a picture must fit, and whose outputs may be given out again: another model gives another output. nil = any fits,
    /// none are.
    var engine: (any DeblurringEngine)?
    /// Whether outputs that are there already are given out again.
    var reusesResults = true
    var doubtful = DoubtfulPictures()
    /// Beyond it a job is neither found nor given out again.
    var retention = Retention()
    var webhookBody: (@Sendable (Job, WebhookDelivery) -> String)?

    /// How a request wants to be taken, besides the options of its job.
    struct Repetition: Sendable {
        /// The client's name for this request; sent again it makes no second job.
        var idempotencyKey: String?
        /// Whether the client wants the result computed anew, even where one is there.
        var refusesReuse = false
    }

    /// Refuses, from the headers alone, what the engine would refuse.
    /// - Parameter options: nil where no picture is made
    /// - Throws: `Problem` (empty_body), `ImageError`
    func inspect(_ image: Data, options: DeblurOptions? = nil) throws -> ImageInfo {
        guard !image.isEmpty else {
            throw Problem(.emptyBody, "the request has no body", limit: 1, measured: 0)
        }
        let info = try ImageInfo(of: image)
        try info.requireSize(maxPixels: maxPixels)
        try options?.requireWritable(info)
        try engine?.requireMemory(for: info, options: options ?? DeblurOptions())
        return info
    }

    /// Accepts a picture as a job; it is on disk on return.
    /// - Returns: the new job, perhaps succeeded already (`reusedFrom`); or one with another id, that an earlier request with the same
    ///   idempotency key made.
    /// - Parameter info: of the picture, as `inspect` gave it for these options
    /// - Throws: `StorageError.queueFull`, `.queueShareUsed`, `.diskFull`, `.idempotencyKeyReused`
    func accept(
        _ image: Data, _ info: ImageInfo, id: String, options: JobOptions, repetition: Repetition = Repetition(),
        context: JobContext = JobContext()
    ) throws -> Job {
        let new = newJob(image, info, id: id, options, repetition, context)
        if let key = new.idempotencyKey, let hash = new.requestHash, let replayed = try jobs.job(idempotencyKey: key, requestHash: hash) {
            guard retention.isOver(replayed) else { return replayed }
            // As if it had been swept away already, so that its key is free.
            try jobs.expire(retention, id: replayed.id, webhooks: webhookBody)
        }
        if new.mayReuse, let job = try reuse(for: new) { return job }

        // Asked again when the job is committed; asked first to spare the disk a picture that has no place.
        try jobs.requirePlace(for: context.keyID)
        try blobs.write(image, id: id, kind: .input)
        return try committed(id) { try jobs.enqueue(new) }
    }

    private func newJob(
        _ image: Data, _ info: ImageInfo, id: String, _ options: JobOptions, _ repetition: Repetition, _ context: JobContext
    ) -> NewJob {
        let hash = ContentHash.of(image), timestep = options.timestep.map(String.init) ?? "auto"
        var new = NewJob(
            id: id, inputFormat: info.format.rawValue, inputBytes: image.count, width: info.width, height: info.height, inputHash: hash,
            requestedTimestep: options.timestep, options: options.stored)
        new.context = context
        // One API key must not learn, by a name or an output that is there already, what another has sent.
        let owner = context.keyID ?? ""
        // What is not said has the same output as the default that is said.
        var effective = options
        effective.format = options.format ?? info.format
        effective.quality = effective.format == .jpeg ? options.quality ?? JobOptions.defaultQuality : nil
        new.contentKey = ContentHash.of([owner, hash, timestep, effective.stored])
        new.mayReuse = engine != nil && reusesResults && !repetition.refusesReuse
        if let key = repetition.idempotencyKey {
            new.idempotencyKey = ContentHash.of([owner, key])
            new.requestHash = ContentHash.of([hash, timestep, options.stored, options.webhook?.text ?? ""])
        }
        let size = options.deblurOptions.outputSize(width: info.width, height: info.height)
        new.workPixels = size.width * size.height
        return new
    }

    /// The job, succeeded, when its output is there; nil when it is not, or no longer.
    private func reuse(for new: NewJob) throws -> Job? {
        guard let engine, let key = new.contentKey, let twin = try jobs.succeeded(contentKey: key, modelHash: engine.modelHash),
            !retention.isOver(twin), try blobs.holdsOutput(of: twin)
        else { return nil }
        var shared: Set<BlobKind> = []
        do {
            for kind in [BlobKind.input, .output] where try blobs.link(from: twin.id, to: new.id, kind: kind) { shared.insert(kind) }
        } catch StorageError.notFound {
            try blobs.remove(id: new.id)
            return nil
        } catch {
            doubtful.add(new.id)
            throw error
        }
        return try committed(new.id) { try jobs.enqueue(new, reusing: twin, shared: shared) }
    }

    /// Removes the pictures of a job that did not come about. One whose commit failed may yet be there after a crash; it keeps them.
    private func committed(_ id: String, _ enqueue: () throws -> Job) throws -> Job {
        do {
            let job = try enqueue()
            if job.id != id {
                do { try blobs.remove(id: id) } catch { doubtful.add(id) }
            }
            return job
        } catch {
            if (error as? StorageError)?.isTransient == true {
                doubtful.add(id)
            } else {
                // The first error is the one that counts.
                do { try blobs.remove(id: id) } catch { doubtful.add(id) }
            }
            throw error
        }
    }
}
