import Foundation
import Testing

/// `fidediff health` as a container runs it.
@Suite(.timeLimit(.minutes(60))) struct HealthCommandTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(withPhotographs: false)
    }

    @Test func asksARunningService() throws {
        let fixture = try ServiceFixture()
        let well = try folder.run("health", "--url", "http://127.0.0.1:\(fixture.port)/healthz")
        #expect(well.code == 0 && well.output.contains("answers 200"))
        #expect(try folder.run("health", "--url", "http://localhost:\(fixture.port)/readyz").code == 0)
        let missing = try folder.run("health", "--url", "http://127.0.0.1:\(fixture.port)/nothing")
        #expect(missing.code == 1 && missing.output.contains("answers 404"))
    }

    @Test func noticesWhatDoesNotAnswer() throws {
        // Nothing listens on a reserved port; a service that was stopped neither.
        #expect(try folder.run("health", "--url", "http://127.0.0.1:1/").errors.contains("no connection"))
        #expect(try folder.run("health", "--url", "http://no-such-host.invalid/").errors.contains("the host is not known"))
    }
}
