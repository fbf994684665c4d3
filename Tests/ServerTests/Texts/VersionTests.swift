import Foundation
import TestSupport
import Testing
@testable import Server

/// One version, wherever it is shown.
@Suite struct VersionTests {
    /// A file of the repository.
    private func text(_ name: String) throws -> String {
        try String(contentsOf: Repository.folder.appendingPathComponent(name), encoding: .utf8)
    }

    @Test func theExecutableSaysIt() throws {
        let run = try Executable(["--version"], folder: FileManager.default.temporaryDirectory).result()
        #expect(run.code == 0 && run.output == Version.current + "\n")
    }

    @Test func theServiceSaysIt() throws {
        let fixture = try ServiceFixture()
        let ready = try fixture.call("GET", "/readyz")
        #expect(try ready.json["version"] == .string(Version.current))
        #expect(try fixture.call("GET", "/metrics").text.contains("fidediff_build_info{version=\"\(Version.current)\"} 1\n"))
        // Each answer, whoever gives it: a route, no route, the HTTP side.
        #expect(ready.fields["server"] == "fidediff/" + Version.current)
        #expect(try fixture.call("GET", "/v1/nothing").fields["server"] == "fidediff/" + Version.current)
        let client = try HTTPLoopbackClient(port: fixture.port)
        client.send("GET /healthz HTTP/1.1\nHost: a\n\n")
        #expect(try client.answer().fields["server"] == "fidediff/" + Version.current)
    }

    @Test func aJobSaysWhatComputedIt() throws {
        let fixture = try ServiceFixture { $0.reusesResults = true }
        let picture = try ServicePictures.picture()
        let answers = try (0..<2).map { _ in try fixture.call("POST", "/v1/deblur", body: picture) }
        for answer in answers {
            let id = try #require(answer.fields["fidediff-job"])
            let job = try fixture.call("GET", "/v1/jobs/\(id)").json
            #expect(job["version"] == .string(Version.current) && job["model"] == .string(fixture.engine.modelHash))
        }
        #expect(answers[1].fields["fidediff-reused-from"] != nil)
    }

    @Test func theDocumentsSayIt() throws {
        let contract = try OpenAPIContract.embedded.get()
        #expect(contract.root["info"]?["version"]?.string == Version.current)
        #expect(try text("deploy/Dockerfile").contains("image.version=\"\(Version.current)\""))
        #expect(try text("CITATION.cff").contains("\nversion: \(Version.current)\n"))
        let newest = try #require(text("CHANGELOG.md").firstMatch(of: /\n## \[(\d+\.\d+\.\d+)\]/))
        #expect(String(newest.1) == Version.current)
    }
}
