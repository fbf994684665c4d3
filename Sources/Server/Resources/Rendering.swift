/// Answers that take the processor for a while: pictures made on request. They run beside the jobs, few at once.
extension ResourceContext {
    /// Calls `picture` on the workers' queue, and `reply` with what it gives.
    /// - Throws: `BoundedQueue.Full`
    func render(_ call: Call, _ reply: @escaping Route.Reply, _ picture: @escaping @Sendable () throws -> Response) throws {
        try renders.submit {
            do {
                reply(try picture())
            } catch {
                let problem = Problem(error)
                if problem.type == .internalError {
                    logger.error("a picture could not be made", metadata: call.logMetadata.merging(["error": "\(error)"]) { $1 })
                }
                reply(problem.response)
            }
        }
    }
}
