/// Whether the service can take pictures now.
extension ResourceContext {
    /// Ready = it does not stop, the weights are loaded, the database answers and takes commits, the disk takes a picture, no job hangs.
    /// - Returns: how many jobs wait.
    /// - Throws: `Problem` (stopping, not_ready)
    func requireReadiness() throws -> Int {
        guard !lifecycle.isDraining else {
            throw Problem(.stopping, "the service finishes what runs and takes no more", retryAfterSeconds: Problem.retryAfterSeconds)
        }
        guard engine.isLoaded else { throw Problem.loading }
        do throws(Hindrance) {
            let queued = try requireStore()
            if let trouble = pool.trouble { throw Hindrance.workers(trouble) }
            readiness.note(nil)
            return queued
        } catch {
            readiness.note(error)
            throw error.problem
        }
    }

    private func requireStore() throws(Hindrance) -> Int {
        if let trouble = jobs.trouble ?? blobs.trouble { throw Hindrance.lastWrite(trouble) }
        let queued: Int
        let freeBytes: Int
        do {
            queued = try jobs.queuedCount()
            // The count has a table of its own.
            _ = try jobs.job(id: "")
            freeBytes = try blobs.freeBytes()
        } catch {
            throw Hindrance.noAnswer(error)
        }
        let neededBytes = configuration.maxBodyBytes
        guard freeBytes >= neededBytes else { throw Hindrance.fullDisk(freeBytes: freeBytes, neededBytes: neededBytes) }
        return queued
    }
}
