// StopSignal.swift: waits for SIGTERM or SIGINT.

import Dispatch
import Foundation
import Synchronization

/// From the moment it is made the two signals no longer end the process; a second one of the same kind does.
final class StopSignal {
    /// Shared between the thread that waits and the queue that hears the signals.
    private final class Arrival: Sendable {
        let semaphore = DispatchSemaphore(value: 0)
        let name = Mutex("")
    }

    private let arrival = Arrival()
    private var sources: [any DispatchSourceSignal] = []

    init() {
        let queue = DispatchQueue(label: "fidediff.signals")
        for (number, name) in [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [arrival] in
                arrival.name.withLock { $0 = name }
                signal(number, SIG_DFL)
                arrival.semaphore.signal()
            }
            source.resume()
            sources.append(source)
        }
    }

    /// Blocks.
    /// - Returns: the name of the signal.
    func wait() -> String {
        arrival.semaphore.wait()
        return arrival.name.withLock { $0 }
    }
}
