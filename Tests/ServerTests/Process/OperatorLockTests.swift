import Foundation
import Storage
import Testing
@testable import Server

/// Commands and signals beside the service.
@Suite(.timeLimit(.minutes(60))) struct OperatorLockTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-lock-\(JobID.make())")

    init() throws {
        try JobStore(directory: folder.appendingPathComponent("data"), maxQueued: 1).close()
    }

    private var data: URL { folder.appendingPathComponent("data") }

    /// Who reads a stopped service's folder does not keep it from starting; who repairs does.
    @Test func readingDoesNotKeepTheServiceOut() throws {
        let reading = try DataFolder(data)
        #expect(try !reading.isServed && !reading.isServedNow())
        do {
            let service = try DirectoryLock(data)
            #expect(try reading.isServedNow())
            withExtendedLifetime(service) {}
        }
        let repairing = try DataFolder(data, keepsOut: true)
        #expect(throws: DirectoryLock.Held.self) { try DirectoryLock(data) }
        withExtendedLifetime((reading, repairing)) {}
        try FileManager.default.removeItem(at: folder)
    }

    /// A terminal that is closed stops the service in order; other signals mean nothing to it.
    @Test func aHangupStopsInOrder() throws {
        let server = try Executable(
            ["serve", "--port", "0", "--data", "data", "--model", GatedEngine.fixtures.appendingPathComponent("tiny").path], folder: folder)
        _ = try server.port()
        server.kill(SIGUSR1)
        server.kill(SIGHUP)
        let (code, _, errors) = try server.result()
        #expect(code == 0, "\(errors)")
        #expect(errors.contains("stopping") && errors.contains("SIGHUP") && errors.contains("stopped"))
        #expect(try JobStore(directory: data, maxQueued: 1).found.endedInOrder)
        try FileManager.default.removeItem(at: folder)
    }

    /// The folder is removed under the service: it ends, and says why.
    @Test func aServiceWithoutItsFolderEnds() throws {
        let server = try Executable(
            ["serve", "--port", "0", "--data", "data", "--model", GatedEngine.fixtures.appendingPathComponent("tiny").path], folder: folder)
        _ = try server.port()
        try FileManager.default.removeItem(at: data)
        try FileManager.default.createDirectory(at: data.appendingPathComponent("pictures"), withIntermediateDirectories: true)
        let (code, _, errors) = try server.result()
        #expect(code == 1)
        #expect(errors.contains("it was removed or replaced"))
        try FileManager.default.removeItem(at: folder)
    }
}
