import Foundation
import Testing
@testable import Storage

/// Where a list goes on.
@Suite(.timeLimit(.minutes(60))) struct JobCursorTests {
    private static let query: JobQuery = {
        var query = JobQuery(states: [.queued, .failed], minTimestep: 3, createdFrom: Date(timeIntervalSince1970: 1))
        query.keyID = "k"
        return query
    }()

    @Test(arguments: [Int64(0), 1, 255, 1 << 40, .max]) func comesBack(sequence: Int64) throws {
        let text = JobCursor(before: sequence).text(in: Self.query)
        #expect(text.utf8.count == 32)
        #expect(try JobCursor(text, in: Self.query).sequence == sequence)
    }

    /// A cursor of one list is none of another.
    @Test func otherConditionsAreAnotherList() {
        let text = JobCursor(before: 9).text(in: Self.query)
        let changes: [(inout JobQuery) -> Void] = [
            { $0.states = [.queued] }, { $0.states = nil }, { $0.minTimestep = 4 }, { $0.minTimestep = nil }, { $0.maxTimestep = 3 },
            { $0.createdFrom = nil }, { $0.createdBefore = Date(timeIntervalSince1970: 1) }, { $0.keyID = nil }, { $0.keyID = "*" },
        ]
        for (index, change) in changes.enumerated() {
            var other = Self.query
            change(&other)
            #expect(throws: StorageError.invalidCursor(text), "change \(index)") { try JobCursor(text, in: other) }
        }
        var page = Self.query
        page.limit = 7
        #expect(throws: Never.self) { try JobCursor(text, in: page) }
    }

    @Test func aChangedCharacterIsSeen() {
        let text = JobCursor(before: 0x1234).text(in: Self.query)
        for index in text.indices {
            let other = text[..<index] + (text[index] == "0" ? "1" : "0") + text[text.index(after: index)...]
            #expect(throws: StorageError.self) { try JobCursor(String(other), in: Self.query) }
        }
        for wrong in ["", String(text.dropLast()), text + "0", text.uppercased() == text ? "x" : text.uppercased(), "+" + text.dropFirst()]
        {
            #expect(throws: StorageError.self, "\(wrong)") { try JobCursor(wrong, in: Self.query) }
        }
    }
}
