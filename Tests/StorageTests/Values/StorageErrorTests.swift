import Testing
@testable import Storage

/// Refusals in words.
@Suite(.timeLimit(.minutes(60))) struct StorageErrorTests {
    /// Each names the limit, the measured value, and the way out where there is one.
    @Test(arguments: [
        (StorageError.queueFull(limit: 10, queued: 11), ["11", "10", "try again"]),
        (.queueShareUsed(left: 7, held: 8), ["8", "7", "try again"]),
        (.diskFull(neededBytes: 5, freeBytes: 3), ["5", "3", "delete"]), (.notFound(id: "J1"), ["J1"]),
        (.conflict(id: "J1", state: .running), ["J1", "running"]), (.idempotencyKeyReused(id: "J1"), ["J1", "new key"]),
        (.invalidCursor("abc"), ["abc", "start again"]), (.limitOutOfRange(found: 0, maximum: 200), ["0", "200"]),
        (.corruptDatabase("page 3"), ["page 3", "restore"]),
        (.newerDatabase(unknownMigrations: ["9 x", "10 y"]), ["9 x, 10 y", "install"]),
        (.database(code: 5, message: "busy"), ["5", "busy"]),
        (.file(operation: "open", path: "/p", code: 2), ["open", "/p", "No such file"]),
    ])
    func everyCaseSpeaks(error: StorageError, words: [String]) {
        for word in words { #expect(error.description.contains(word), "\(error.description)") }
    }
}
