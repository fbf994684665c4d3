import Foundation
import GRDB
import Testing
@testable import Storage

/// The table's own checks.
@Suite(.timeLimit(.minutes(60))) struct Step1JobsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var file: String { folder.url.appendingPathComponent(JobStore.fileName).path }

    /// What no version writes must not get in, nor bring the reader down.
    @Test(arguments: [
        "state = 'lost'", "progress = 1.5", "progress = 'half'", "predicted_timestep = 1000", "state = 'succeeded'",
        "state = 'failed', finished_ms = 1", "state = 'running'", "created_ms = NULL", "id = 'short'",
    ])
    func theSchemaRefuses(_ change: String) throws {
        let store = try folder.jobs()
        let job = try store.enqueue(.sample())
        let error = #expect(throws: StorageError.self) { try store.write { try $0.execute(sql: "UPDATE job SET \(change)") } }
        guard case .database(let code, _) = error, code & 0xFF == 19 else {  // SQLITE_CONSTRAINT
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.job(id: job.id) == job)
    }
}
