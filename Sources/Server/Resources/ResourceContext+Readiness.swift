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
        if let trouble = jobs.trouble ?? blobs.trouble {
            logger.error("not ready", metadata: ["error": "\(trouble)"])
            throw Problem(.notReady, "the last write to the store failed, or the database is damaged; the log has the reason")
        }
        let queued: Int
        let freeBytes: Int
        do {
            queued = try jobs.queuedCount()
            // The count has a table of its own.
            _ = try jobs.job(id: "")
            freeBytes = try blobs.freeBytes()
        } catch {
            logger.error("not ready", metadata: ["error": "\(error)"])
            throw Problem(.notReady, "the store does not answer")
        }
        if let trouble = pool.trouble { throw Problem(.notReady, trouble) }
        let needed = configuration.maxBodyBytes
        guard freeBytes >= needed else {
            throw Problem(
                .notReady, "the disk has \(freeBytes) bytes free, the largest picture needs \(needed)", limit: needed,
                measured: freeBytes, whatToDo: ProblemType.diskFull.whatToDo)
        }
        return queued
    }
}
