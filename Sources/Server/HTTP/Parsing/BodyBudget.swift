import Synchronization

/// What the bodies of all requests under way, and large answers made for them, may hold together, in memory and in files, until each has
/// been dealt with, or sent.
///
/// Counted by the bytes that have arrived, not by those that were promised: a promise costs its maker nothing. Calls may come from any
/// thread.
final class BodyBudget: Sendable {
    enum Place: Sendable { case memory, disk }

    let maxMemoryBytes: Int
    let maxDiskBytes: Int
    private let memoryBytes = Atomic<Int>(0)
    private let diskBytes = Atomic<Int>(0)
    private static let leastBytes = 64 << 10  // less than this left is nothing left

    init(maxMemoryBytes: Int = .max, maxDiskBytes: Int = .max) {
        self.maxMemoryBytes = maxMemoryBytes
        self.maxDiskBytes = maxDiskBytes
    }

    func limit(_ place: Place) -> Int { place == .memory ? maxMemoryBytes : maxDiskBytes }

    func used(_ place: Place) -> Int {
        place == .memory ? memoryBytes.load(ordering: .relaxed) : diskBytes.load(ordering: .relaxed)
    }

    func isExhausted(_ place: Place) -> Bool { limit(place) - used(place) < min(Self.leastBytes, limit(place)) }

    /// - Returns: false when there are not so many left; nothing is taken then.
    func take(_ bytes: Int, _ place: Place) -> Bool {
        let used =
            place == .memory
            ? memoryBytes.add(bytes, ordering: .relaxed).newValue : diskBytes.add(bytes, ordering: .relaxed).newValue
        if used <= limit(place) { return true }
        giveBack(bytes, place)
        return false
    }

    func giveBack(_ bytes: Int, _ place: Place) {
        switch place {
        case .memory: memoryBytes.subtract(bytes, ordering: .relaxed)
        case .disk: diskBytes.subtract(bytes, ordering: .relaxed)
        }
    }
}
