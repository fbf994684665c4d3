import Dispatch
import Foundation
import Synchronization

/// Waits for SIGTERM, SIGINT or SIGHUP, or for a reason to give up.
///
/// From the moment it is made these signals no longer end the process; a second one of the same kind does. A terminal that is closed
/// (SIGHUP) stops the service in order too, unless whoever started it had that ignored (nohup). SIGUSR1 and SIGUSR2 mean nothing.
/// `fail` may come from any thread; the sources, which are not Sendable, are only kept.
package final class StopSignal: @unchecked Sendable {
    /// Shared between the thread that waits and the queue that hears the signals.
    private final class Arrival: Sendable {
        let semaphore = DispatchSemaphore(value: 0)
        let reason = Mutex<Reason?>(nil)

        func arrive(_ reason: Reason) {
            self.reason.withLock { $0 = $0 ?? reason }
            semaphore.signal()
        }
    }

    package enum Reason: Sendable {
        /// A signal, by its name.
        case signal(String)
        case failure(any Error)
    }

    private let arrival: Arrival
    private let sources: [any DispatchSourceSignal]

    package init() {
        let arrival = Arrival()
        self.arrival = arrival
        let queue = DispatchQueue(label: "fidediff.signals")
        for number in [SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
        var hangup = sigaction()
        sigaction(SIGHUP, nil, &hangup)
        let isHangupIgnored = unsafeBitCast(hangup.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        let numbers = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] + (isHangupIgnored ? [] : [(SIGHUP, "SIGHUP")])
        sources = numbers.map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                signal(number, SIG_DFL)
                arrival.arrive(.signal(name))
            }
            source.resume()
            return source
        }
    }

    /// Ends the waiting with an error, from another thread.
    package func fail(_ error: any Error) {
        arrival.arrive(.failure(error))
    }

    /// Waits until a signal arrives or `fail` is called.
    /// - Returns: whichever came first
    package func wait() -> Reason {
        arrival.semaphore.wait()
        return arrival.reason.withLock { $0 } ?? .signal("none")
    }
}
