import Synchronization

/// Pictures whose jobs could not be committed for a fault of disk or database.
///
/// The client was told so, but the commit may be on disk all the same, and be there after a crash: the picture stays until that is known.
final class DoubtfulPictures: Sendable {
    private let ids = Mutex<Set<String>>([])

    var all: Set<String> { ids.withLock { $0 } }

    func add(_ id: String) { ids.withLock { _ = $0.insert(id) } }

    func forget(_ some: Set<String>) { ids.withLock { $0.subtract(some) } }
}
