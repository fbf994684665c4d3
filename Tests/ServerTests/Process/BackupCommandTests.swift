import Foundation
import Testing
@testable import Server

/// `fidediff backup`, and the copy put to use.
@Suite(.timeLimit(.minutes(60))) struct BackupCommandTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(withPhotographs: false)
    }

    /// A service works; its folder is copied; the copy is sound and can be served.
    @Test func aServedFolderIsBackedUpAndRestored() throws {
        let server = try Executable(
            ["serve", "--port", "0", "--data", "data", "--model", folder.model, "--log-level", "critical"], folder: folder.url)
        let port = try server.port()
        let client = try HTTPLoopbackClient(port: port)
        ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
        let answer = try client.answer()
        let id = try #require(answer.fields["fidediff-job"])

        let backup = try folder.run(["backup", "copy", "--data", "data"])
        #expect(backup.code == 0 && backup.output.contains("1 jobs, 2 pictures"), "\(backup.output)\(backup.errors)")
        #expect(try folder.run(["check", "--data", "data", "--repair", "--skip-model"]).code == 64, "a served folder is not repaired")
        #expect(try folder.run(["check", "--data", "data", "--model", folder.model]).code == 0)
        #expect(try folder.run(["backup", "copy", "--data", "data"]).code == 1, "a backup is not written over")
        server.kill(SIGKILL)
        _ = try server.result()
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("data"))

        let check = try folder.run(["check", "--data", "copy", "--model", folder.model])
        #expect(check.code == 0 && check.output == "everything is in order\n", "\(check.output)\(check.errors)")
        let restored = try Executable(
            ["serve", "--port", "0", "--data", "copy", "--model", folder.model, "--log-level", "critical"], folder: folder.url)
        let again = try HTTPLoopbackClient(port: restored.port())
        ServiceFixture.send(again, "GET", "/v1/jobs/\(id)/result")
        #expect(try again.answer().body == answer.body)
        restored.kill(SIGTERM)
        #expect(try restored.result().code == 0)
    }
}
