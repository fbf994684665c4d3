import Engine
import Foundation
import Synchronization
@testable import Server

/// The real engine over the tiny model, with a gate: while it is closed, a picture's work stops after its timestep is known, at the next
/// progress. May also fail on demand.
final class GatedEngine: DeblurringEngine {
    static let patienceSeconds = 60.0
    struct TimedOut: Error {}

    /// Loaded once: it never changes.
    private static let tiny = Result {
        try Deblurrer(modelDirectory: fixtures.appendingPathComponent("tiny"), threads: 1)
    }
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    private let deblurrer: Deblurrer
    private let largest: Int
    private let failure: (any Error)?
    private let isClosed: Mutex<Bool>
    private let opened = DispatchSemaphore(value: 0)
    private let held = DispatchSemaphore(value: 0)
    private let runs = Atomic(0)

    /// - Parameters:
    ///   - failure: thrown in the place of each deblurring.
    ///   - largest: pixels of a picture that still has memory.
    init(isClosed: Bool = false, failure: (any Error)? = nil, largest: Int = .max) throws {
        self.largest = largest
        deblurrer = try Self.tiny.get()
        self.failure = failure
        self.isClosed = Mutex(isClosed)
    }

    var modelName: String { deblurrer.modelName }
    var modelHash: String { deblurrer.modelHash }
    /// How often a deblurring was begun.
    var count: Int { runs.load(ordering: .sequentiallyConsistent) }

    /// Lets everything through from now on.
    func open() {
        isClosed.withLock { $0 = false }
        opened.signal()
    }

    /// Returns when a picture stands at the gate.
    func waitUntilHeld() throws {
        guard held.wait(timeout: .now() + Self.patienceSeconds) == .success else { throw TimedOut() }
    }

    func requireMemory(for info: ImageInfo, options: DeblurOptions) throws {
        let size = options.outputSize(width: info.width, height: info.height), pixels = size.width * size.height
        guard pixels <= largest else {
            throw ImageError.tooMuchMemory(limit: largest, needed: pixels, width: info.width, height: info.height)
        }
    }

    func blurLevel(of data: Data) throws -> BlurLevel {
        pass()
        return try deblurrer.blurLevel(of: data)
    }

    func motionPicture(of data: Data, across: Int) throws -> MotionPicture {
        pass()
        return try deblurrer.motionPicture(of: data, across: across)
    }

    func deblur(
        _ data: Data, options: DeblurOptions, onTimestep: (Int) -> Void, onProgress: (Double) throws -> Void
    ) throws -> DeblurredPicture {
        runs.add(1, ordering: .sequentiallyConsistent)
        if let failure { throw failure }
        var mayPass = true
        return try deblurrer.deblur(
            data, options: options,
            onTimestep: { timestep in
                onTimestep(timestep)
                mayPass = false
            },
            onProgress: { progress in
                if !mayPass {
                    mayPass = true
                    pass()
                }
                try onProgress(progress)
            })
    }

    private func pass() {
        guard isClosed.withLock({ $0 }) else { return }
        held.signal()
        opened.wait()
        // For the next one that stands here.
        opened.signal()
    }
}
