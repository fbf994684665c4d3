/// Whether the service can take pictures now.
extension ResourceContext {
    /// Ready = it does not stop, the weights are loaded, the database answers, the disk takes a picture.
    /// - Returns: how many jobs wait.
    /// - Throws: `Problem` (stopping, not_ready)
    func requireReadiness() throws -> Int {
        guard !lifecycle.isDraining else {
            throw Problem(.stopping, "the service finishes what runs and takes no more", retryAfterSeconds: Problem.retryAfterSeconds)
        }
        guard engine.isLoaded else { throw Problem.loading }
        let queued: Int
        let freeBytes: Int
        do {
            queued = try jobs.queuedCount()
            freeBytes = try blobs.freeBytes()
        } catch {
            logger.error("not ready", metadata: ["error": "\(error)"])
            throw Problem(.notReady, "the store does not answer")
        }
        let needed = configuration.maxBodyBytes
        guard freeBytes >= needed else {
            throw Problem(
                .notReady, "the disk has \(freeBytes) bytes free, the largest picture needs \(needed)", limit: needed,
                measured: freeBytes, whatToDo: ProblemType.diskFull.whatToDo)
        }
        return queued
    }
}
