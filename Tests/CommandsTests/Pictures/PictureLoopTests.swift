import ArgumentParser
import Commands
import Foundation
import Synchronization
import Testing

/// The same done to several pictures, past bad ones.
@Suite(.timeLimit(.minutes(60))) struct PictureLoopTests {
    private struct Bad: Error {}

    @Test(arguments: [1, 3, 100]) func reportsStandInTheOrderOfTheInputs(jobs: Int) {
        let names = (0..<20).map { "\($0).png" }
        let outcome = PictureLoop(PictureInputs(names), jobs: jobs).run { (index, path, onProgress) -> String in
            onProgress(0.5)
            return "\(index) \(path)"
        }
        #expect(outcome.reports == names.enumerated().map { "\($0.offset) \($0.element)" } && outcome.failures == 0)
        #expect(throws: Never.self) { try outcome.check() }
    }

    @Test func aBadPictureDoesNotStopTheOthers() {
        let outcome = PictureLoop(PictureInputs(["a.png", "b.png", "/nowhere/*.png", "c.png"])).run { (_, path, _) -> String in
            if path == "b.png" { throw Bad() }
            return path
        }
        #expect(outcome.reports == ["a.png", "c.png"] && outcome.failures == 2)
        #expect(throws: ExitCode.failure) { try outcome.check() }
    }

    @Test func eachReportIsToldOnceAndAlone() {
        let told = Mutex<[String]>([]), inside = Atomic<Int>(0), most = Mutex(0)
        let outcome = PictureLoop(PictureInputs((0..<50).map(String.init)), jobs: 4).run { (_, path, _) -> String in
            path
        } each: { report in
            let now = inside.wrappingAdd(1, ordering: .relaxed).newValue
            most.withLock { $0 = max($0, now) }
            told.withLock { $0.append(report) }
            inside.subtract(1, ordering: .relaxed)
        }
        #expect(told.withLock { Set($0) } == Set(outcome.reports) && told.withLock { $0.count } == 50)
        #expect(most.withLock { $0 } == 1)
    }

    /// A report that cannot be told, for instance into a closed pipe, is a failure too.
    @Test func aReportThatCannotBeToldFails() {
        let outcome = PictureLoop(PictureInputs(["a.png"])).run { (_, path, _) -> String in
            path
        } each: { (_: String) in
            throw Bad()
        }
        #expect(outcome.reports.isEmpty && outcome.failures == 1)
    }
}
