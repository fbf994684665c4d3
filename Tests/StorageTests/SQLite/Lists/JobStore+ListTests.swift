import Foundation
import GRDB
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreListTests {
    private let folder: TemporaryFolder
    private let store: JobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    /// All pages of a list -> ids; `between` runs before each page but the first.
    private func pages(_ query: JobQuery, between: () throws -> Void = {}) throws -> [[String]] {
        var query = query
        var pages: [[String]] = []
        repeat {
            if query.cursor != nil { try between() }
            let page = try store.list(query)
            pages.append(page.jobs.map(\.id))
            query.cursor = page.nextCursor
        } while query.cursor != nil && pages.count < 100
        return pages
    }

    @Test func newestFirst() throws {
        let ids = try store.enqueueSamples(5)
        #expect(try pages(JobQuery(limit: 2)) == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]])
        // A last page that is full does not point to an empty one.
        #expect(try pages(JobQuery(limit: 5)) == [ids.reversed()])
        #expect(try store.list(JobQuery(limit: 5)).nextCursor == nil)
    }

    @Test func anEmptyStoreHasOneEmptyPage() throws {
        #expect(try store.list() == JobPage(jobs: [], nextCursor: nil))
    }

    @Test func pagesStayTrueWhileJobsComeAndGo() throws {
        let ids = try store.enqueueSamples(10)
        let shown = ids[9]
        let found = try pages(JobQuery(limit: 3)) {
            _ = try store.enqueueSamples(4)
            // One of the first page, gone after it was shown.
            if try store.job(id: shown) != nil {
                _ = try store.cancel(id: shown)
                try store.delete(id: shown)
            }
        }
        #expect(found.flatMap { $0 } == ids.reversed())
    }

    /// A deleted job's number is not used again, even the highest: a cursor from before must not hide a newcomer.
    @Test func numbersAreNotReused() throws {
        let first = try store.enqueue(.sample())
        _ = try store.cancel(id: first.id)
        try store.delete(id: first.id)
        #expect(try store.enqueue(.sample()).sequence > first.sequence)
    }

    @Test func byState() throws {
        let ids = try store.enqueueSamples(4)
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        try store.finish(id: ids[0], JobOutput(format: "png", bytes: 1))
        _ = try store.cancel(id: ids[3])
        func found(_ states: Set<JobState>?) throws -> [String] { try store.list(JobQuery(states: states)).jobs.map(\.id) }
        #expect(try found([.succeeded]) == [ids[0]])
        #expect(try found([.running]) == [ids[1]])
        #expect(try found([.queued, .cancelled]) == [ids[3], ids[2]])
        #expect(try found([.failed]) == [])
        #expect(try found([]) == [])
        #expect(try found(nil) == ids.reversed())
        #expect(try found(Set(JobState.allCases)) == ids.reversed())
    }

    @Test func byPredictedTimestep() throws {
        let ids = try store.enqueueSamples(6)
        for (id, timestep) in zip(ids, [0, 80, 120, 200, 999]) {
            _ = try store.claim(leaseSeconds: 60, worker: "w")
            #expect(try store.setPredictedTimestep(id: id, timestep))
        }
        func found(_ minimum: Int?, _ maximum: Int?, _ states: Set<JobState>? = nil) throws -> [Int?] {
            try store.list(JobQuery(states: states, minTimestep: minimum, maxTimestep: maximum)).jobs.map(\.predictedTimestep)
        }
        #expect(try found(nil, nil) == [nil, 999, 200, 120, 80, 0])
        #expect(try found(80, 200) == [200, 120, 80])  // both ends belong to it
        #expect(try found(0, nil) == [999, 200, 120, 80, 0])
        #expect(try found(nil, 79) == [0])
        #expect(try found(200, 80) == [])
        try store.finish(id: ids[2], JobOutput(format: "png", bytes: 1))
        #expect(try found(80, 200, [.running]) == [200, 80])
        #expect(try pages(JobQuery(states: [.running], minTimestep: 0, limit: 2)) == [[ids[4], ids[3]], [ids[1], ids[0]]])
    }

    @Test(arguments: [0, -1, JobQuery.maxLimit + 1, .max, .min])
    func refusesALimitOutOfRange(_ limit: Int) {
        #expect(throws: StorageError.limitOutOfRange(found: limit, maximum: JobQuery.maxLimit)) {
            try store.list(JobQuery(limit: limit))
        }
    }

    @Test func refusesEveryChangedCursor() throws {
        _ = try store.enqueueSamples(3)
        let cursor = try #require(try store.list(JobQuery(limit: 1)).nextCursor)
        #expect(try store.list(JobQuery(limit: 1, cursor: cursor)).jobs.count == 1)

        var changed = (0..<cursor.count).flatMap { position in
            "0123456789abcdefABCDEF+-~ ".map { replacement in
                var characters = Array(cursor)
                characters[position] = replacement
                return String(characters)
            }
        }
        changed += (0..<cursor.count).map { String(cursor.prefix($0)) }
        changed += [cursor + "0", " " + cursor, cursor.uppercased(), "1", "-1", "' OR 1=1 --", String(repeating: "f", count: 32), "é"]
        for text in changed where text != cursor {
            #expect(throws: StorageError.invalidCursor(String(text.prefix(64)))) {
                try store.list(JobQuery(limit: 1, cursor: text))
            }
        }
    }

    @Test func refusesACursorOfAnotherList() throws {
        _ = try store.enqueueSamples(3)
        let query = JobQuery(states: [.queued, .running], limit: 1)
        let cursor = try #require(try store.list(query).nextCursor)
        let others = [
            JobQuery(limit: 1, cursor: cursor), JobQuery(states: [.queued], limit: 1, cursor: cursor),
            JobQuery(states: [.queued, .running], minTimestep: 1, limit: 1, cursor: cursor),
            JobQuery(states: [.queued, .running], maxTimestep: 1, limit: 1, cursor: cursor),
        ]
        for other in others {
            #expect(throws: StorageError.invalidCursor(cursor)) { try store.list(other) }
        }
        // Another number of jobs a page is the same list.
        #expect(try store.list(JobQuery(states: [.running, .queued], limit: 2, cursor: cursor)).jobs.count == 2)
    }

    @Test func aPageNeedsNoSort() throws {
        for query in [JobQuery(), JobQuery(states: [.failed])] {
            let (sql, arguments) = JobStore.listSQL(query, before: JobCursor(before: 7), limit: 3)
            let plan = try store.pool.read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
            }
            #expect(!plan.isEmpty)
            #expect(!plan.contains { $0.contains("TEMP B-TREE") })
        }
    }
}
