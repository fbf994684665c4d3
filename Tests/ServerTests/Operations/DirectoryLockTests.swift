import Foundation
import Storage
import Synchronization
import Testing
@testable import Server

/// One service a folder.
@Suite(.timeLimit(.minutes(60))) struct DirectoryLockTests {
    @Test func oneHolderAtATime() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-lock-\(JobID.make())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let first = try DirectoryLock(folder)
            #expect(throws: DirectoryLock.Held.self) { _ = try DirectoryLock(folder) }
            withExtendedLifetime(first) {}
        }
        _ = try DirectoryLock(folder)
    }

    /// A refused lock closes its descriptor once; a second time would close what another thread had opened in between.
    @Test func aRefusedLockClosesNothingOfOthers() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-lock-\(JobID.make())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let held = try DirectoryLock(folder)
        let stolen = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            for _ in 0..<20_000 {
                if thread == 0 {
                    _ = try? DirectoryLock(folder)
                } else if close(open("/dev/null", O_RDONLY | O_CLOEXEC)) != 0 {
                    stolen.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(stolen.load(ordering: .relaxed) == 0)
        withExtendedLifetime(held) {}
    }
}
