import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreKeysTests {
    private let folder: TemporaryFolder
    private let store: JobStore
    private let noon = Date(timeIntervalSince1970: 1_700_049_600)

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    private func key(_ id: String, hash: UInt8 = 1) -> AccessKey {
        AccessKey(
            id: id, name: "n", hash: Data(repeating: hash, count: 32), maySubmit: false, requestsPerMinute: 5, picturesPerDay: 7,
            webhookSecret: "whsec_x", createdAt: noon)
    }

    @Test func whatIsAddedComesBack() throws {
        try store.addKey(key("a"))
        #expect(try folder.jobs().keys() == [key("a")])
        #expect(throws: StorageError.self) { try store.addKey(key("a")) }
        #expect(throws: StorageError.self, "a hash of another length") {
            try store.addKey(AccessKey(id: "b", name: "n", hash: Data(count: 31), webhookSecret: ""))
        }
    }

    @Test func aRevokedKeyStaysRevoked() throws {
        try store.addKey(key("a"))
        #expect(try store.revokeKey(id: "a", now: noon))
        #expect(try store.keys().first?.revokedAt == noon)
        #expect(try !store.revokeKey(id: "a", now: noon.addingTimeInterval(9)))
        #expect(try store.keys().first?.revokedAt == noon)
        #expect(try !store.revokeKey(id: "b"))
    }

    @Test func picturesAreCountedByUTCDay() throws {
        #expect(try (0..<4).map { _ in try store.spendPicture(keyID: "a", limit: 3, now: noon) } == [2, 1, 0, nil])
        #expect(try store.spendPicture(keyID: "b", limit: 3, now: noon) == 2)
        let midnight = Date(timeIntervalSince1970: 1_700_092_800)
        #expect(try store.spendPicture(keyID: "a", limit: 3, now: midnight.addingTimeInterval(-0.001)) == nil)
        #expect(try store.spendPicture(keyID: "a", limit: 3, now: midnight) == 2)
    }

    /// Two stores, as two processes have them: no picture too many.
    @Test func theCountHoldsAcrossConnections() throws {
        let stores = try [store, folder.jobs()]
        let spent = try onThreads(8) { index in
            try (0..<10).map { _ in try stores[index % 2].spendPicture(keyID: "a", limit: 25, now: self.noon) }
        }
        #expect(spent.flatMap { $0 }.compactMap { $0 }.sorted() == Array(0..<25))
    }
}
