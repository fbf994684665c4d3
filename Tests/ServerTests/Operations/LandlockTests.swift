import Foundation
import Storage
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(60))) struct LandlockTests {
    /// In a thread of its own: what is given up there is given up there alone.
    private func confined(to folders: [URL], _ body: @escaping @Sendable () -> [Int32]) throws -> [Int32]? {
        nonisolated(unsafe) var result: Result<[Int32]?, any Error> = .success(nil)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            result = Result { try Landlock.confineWrites(to: folders) == .confined ? body() : nil }
            done.signal()
        }
        thread.start()
        done.wait()
        return try result.get()
    }

    /// 0, or errno.
    private static func make(_ path: String) -> Int32 {
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { if file >= 0 { close(file) } }
        return file < 0 ? errno : 0
    }

    /// 0, or errno.
    private static func run(_ path: String) -> Int32 {
        var child: pid_t = 0, arguments = [strdup(path), nil]
        defer { free(arguments[0]) }
        let code = posix_spawn(&child, path, nil, nil, &arguments, environ)
        if code == 0 { waitpid(child, nil, 0) }
        return code
    }

    @Test func onlyItsFoldersCanBeWrittenAndNothingRun() throws {
        let top = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-landlock-" + JobID.make())
        defer { try? FileManager.default.removeItem(at: top) }
        let data = top.appendingPathComponent("data"), other = top.appendingPathComponent("other")
        for folder in [data.appendingPathComponent("pictures"), data.appendingPathComponent("quarantine"), other] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let codes = try confined(to: [data]) {
            let (inside, moved) = (data.path + "/pictures/a", data.path + "/quarantine/a")
            return [
                Self.make(inside), rename(inside, moved) == 0 ? 0 : errno, link(moved, inside) == 0 ? 0 : errno,
                truncate(moved, 0) == 0 ? 0 : errno, unlink(moved) == 0 ? 0 : errno,
                Self.make(other.path + "/a"), Self.run("/bin/true"), access("/etc/passwd", R_OK) == 0 ? 0 : errno,
            ]
        }
        // A kernel without Landlock: nothing to see, and the service says so in its log.
        guard let codes else { return }
        #expect(codes == [0, 0, 0, 0, 0, EACCES, EACCES, 0])
        #expect(Self.make(other.path + "/a") == 0, "other threads are as they were")
    }

    @Test func linksOfTheDataFolderAreFollowed() throws {
        let top = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-landlock-" + JobID.make())
        defer { try? FileManager.default.removeItem(at: top) }
        let data = top.appendingPathComponent("data"), disk = top.appendingPathComponent("disk")
        for folder in [data, disk] { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        try FileManager.default.createSymbolicLink(at: data.appendingPathComponent("pictures"), withDestinationURL: disk)
        let codes = try confined(to: Landlock.folders(of: data)) { [Self.make(disk.path + "/a"), Self.make(data.path + "/pictures/b")] }
        #expect(codes == nil || codes == [0, 0])
    }
}
