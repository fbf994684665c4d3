import Foundation
import GRDB
import Testing
@testable import Storage

/// A row as a job.
@Suite(.timeLimit(.minutes(60))) struct JobRowTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var file: String { folder.url.appendingPathComponent(JobStore.fileName).path }

    @Test func anUnknownStateInTheFileIsAnErrorAndNoCrash() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        try store.write { try $0.execute(sql: "PRAGMA ignore_check_constraints = ON; UPDATE job SET state = 'lost'") }
        #expect(throws: StorageError.corruptDatabase("job \(id) has the unknown state 'lost'")) { try store.job(id: id) }
    }
}
