import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreRetentionTests {
    private let folder: TemporaryFolder
    private let store: JobStore
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    /// A job that finished `minutes` after the start, with 1234 bytes in and 766 out: 2000.
    private func finished(minutes: Double, keyID: String? = nil) throws -> String {
        var new = NewJob.sample()
        new.context.keyID = keyID
        let id = try store.enqueue(new, now: start).id
        _ = try store.claim(now: start, leaseSeconds: 60, worker: "w")
        try store.finish(id: id, JobOutput(format: "png", bytes: 766), now: start.addingTimeInterval(minutes * 60))
        return id
    }

    private func at(minutes: Double) -> Date { start.addingTimeInterval(minutes * 60) }

    @Test func byAge() throws {
        let ids = try [1.0, 2, 3].map { try finished(minutes: $0) }
        let hour = Retention(maxAgeSeconds: 3_600)
        #expect(try store.expire(hour, now: at(minutes: 60.99)) == [])
        #expect(
            try store.expire(hour, now: at(minutes: 62)) == [ExpiredJob(id: ids[0], reason: .age), ExpiredJob(id: ids[1], reason: .age)])
        #expect(try store.ids() == [ids[2]])
    }

    @Test func byCount() throws {
        let ids = try [1.0, 2, 3, 4].map { try finished(minutes: $0) }
        #expect(try store.expire(Retention(maxJobs: 2), now: at(minutes: 10)).map(\.id) == Array(ids[..<2]))
        #expect(try store.expire(Retention(maxJobs: 2), now: at(minutes: 10)) == [])
        #expect(try store.expire(Retention(maxJobs: 0), now: at(minutes: 10)).map(\.reason) == [.count, .count])
    }

    @Test func byBytesOfInputsAndOutputs() throws {
        let ids = try [1.0, 2, 3].map { try finished(minutes: $0) }
        #expect(try store.expire(Retention(maxBytes: 6_000), now: at(minutes: 10)) == [])
        #expect(try store.expire(Retention(maxBytes: 5_999), now: at(minutes: 10)) == [ExpiredJob(id: ids[0], reason: .bytes)])
    }

    /// Each file counts once, for the newest job that has it: it takes room until that one goes.
    @Test func sharedFilesCountOnce() throws {
        let first = try finished(minutes: 1)
        let twin = try #require(try store.job(id: first))
        let heirs = try [2.0, 3].map { try store.enqueue(.sample(), reusing: twin, shared: [.input, .output], now: at(minutes: $0)).id }
        #expect(try heirs.map { try store.job(id: $0)?.outputFile } == [first, first])
        // An heir's heir shares the same files, though the first is not its twin.
        let last = try store.enqueue(
            .sample(), reusing: #require(try store.job(id: heirs[1])), shared: [.input, .output], now: at(minutes: 4)
        ).id
        let own = try finished(minutes: 5)
        #expect(try (store.totals().inputBytes, store.totals().outputBytes) == (2 * 1_234, 2 * 766))
        #expect(try store.expire(Retention(maxBytes: 4_000), now: at(minutes: 10)) == [])
        #expect(try store.expire(Retention(maxBytes: 3_999), now: at(minutes: 10)).map(\.id) == [first] + heirs + [last])
        #expect(try store.ids() == [own])
    }

    /// What was copied, since the file system has no links, counts.
    @Test func copiesCountEach() throws {
        let twin = try #require(try store.job(id: finished(minutes: 1)))
        _ = try store.enqueue(.sample(), reusing: twin, shared: [.output], now: at(minutes: 2))
        #expect(try store.totals().inputBytes == 2 * 1_234 && store.totals().outputBytes == 766)
        #expect(try store.expire(Retention(maxBytes: 2 * 1_234 + 766), now: at(minutes: 10)) == [])
        #expect(try store.expire(Retention(maxBytes: 2 * 1_234 + 765), now: at(minutes: 10)).map(\.id) == [twin.id])
    }

    @Test func unfinishedJobsAndThoseJustFinishedStay() throws {
        let running = try #require(try store.claimSample()).id
        let queued = try store.enqueue(.sample()).id
        let all = Retention(maxAgeSeconds: 0.001, maxJobs: 0, maxBytes: 0)
        #expect(try store.expire(all, now: .distantFuture) == [])
        #expect(try store.ids() == [running, queued])

        try store.finish(id: running, JobOutput(format: "png", bytes: 1), now: start)
        #expect(try store.expire(all, now: at(minutes: 0.99)) == [])
        #expect(try store.expire(all, now: at(minutes: 1)).map(\.id) == [running])
    }

    @Test func aLimitIsPassedInSeveralSteps() throws {
        let ids = try (0..<5).map { try finished(minutes: Double($0)) }
        let none = Retention(maxJobs: 0)
        #expect(try store.expire(none, now: at(minutes: 10), limit: 3).map(\.id) == Array(ids[..<3]))
        #expect(try store.expire(none, now: at(minutes: 10), limit: 3).map(\.id) == Array(ids[3...]))
    }

    @Test func expiredIdsAreKnownForAWhileAndToTheirKeyAlone() throws {
        let id = try finished(minutes: 1, keyID: "k1"), open = try finished(minutes: 1)
        _ = try store.expire(Retention(maxJobs: 0), now: at(minutes: 10))
        #expect(try store.hasExpired(id: id) && store.hasExpired(id: id, keyID: "k1"))
        #expect(try !store.hasExpired(id: id, keyID: "k2"))
        #expect(try store.hasExpired(id: open) && !store.hasExpired(id: open, keyID: "k1"))
        #expect(try !store.hasExpired(id: JobID.make()))

        try store.forgetOldRecords(now: at(minutes: 10 + 30 * 24 * 60))
        #expect(try store.hasExpired(id: id))
        try store.forgetOldRecords(now: at(minutes: 11 + 30 * 24 * 60))
        #expect(try !store.hasExpired(id: id))
    }

    @Test func deletedIdsAreForgotten() throws {
        let id = try finished(minutes: 1)
        try store.delete(id: id)
        #expect(try !store.hasExpired(id: id))
    }

    @Test func withoutBoundsNothingExpires() throws {
        _ = try finished(minutes: 1)
        #expect(Retention().isUnlimited)
        #expect(try store.expire(Retention(), now: .distantFuture) == [])
    }
}
