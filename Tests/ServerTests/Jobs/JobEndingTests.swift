import Engine
import Storage
import Testing
@testable import Server

/// What an attempt that threw has come to.
@Suite(.timeLimit(.minutes(60))) struct JobEndingTests {
    private func isProblem(_ ending: JobEnding, _ type: ProblemType) -> Bool {
        if case .failed(let problem) = ending { problem.type == type } else { false }
    }

    @Test func stopsAreNoFailures() {
        for error in [JobEnding.Stop.cancelled as any Error, DeblurError.cancelled] {
            guard case .cancelled = JobEnding(error) else {
                Issue.record("\(error) is \(JobEnding(error))")
                continue
            }
        }
        guard case .interrupted = JobEnding(JobEnding.Stop.interrupted) else {
            Issue.record("an interruption ends the job")
            return
        }
    }

    @Test func aFaultOfTheDiskEndsNoJob() {
        guard case .postponed = JobEnding(StorageError.diskFull(neededBytes: 2, freeBytes: 1)) else {
            Issue.record("a full disk ends the job")
            return
        }
    }

    @Test func everythingElseIsAProblem() {
        struct Unknown: Error {}
        #expect(isProblem(JobEnding(Unknown()), .internalError))
        #expect(isProblem(JobEnding(ImageError.notAnImage), .notAnImage))
    }
}
