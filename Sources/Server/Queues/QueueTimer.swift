import Dispatch

/// Work that is done later, or again and again, on a queue, for as long as the object lives.
///
/// Dispatch's sources may be used from any thread (dispatch_source(3)), which their Swift type does not say.
final class QueueTimer: @unchecked Sendable {
    private let source: any DispatchSourceTimer

    /// A timer that does nothing until it is scheduled.
    init(queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeTimerSource(queue: queue)
        source.setEventHandler(handler: work)
        source.schedule(deadline: .distantFuture)
        source.resume()
    }

    /// First after `seconds`; a time that is missed is not made up for.
    convenience init(every seconds: Double, label: String, _ work: @escaping @Sendable () -> Void) {
        self.init(queue: DispatchQueue(label: label), work)
        source.schedule(deadline: .now() + seconds, repeating: seconds, leeway: .milliseconds(100))
    }

    deinit {
        source.cancel()
    }

    /// Once, in the place of what was scheduled before.
    func schedule(afterSeconds seconds: Double) {
        source.schedule(deadline: .now() + seconds)
    }
}
