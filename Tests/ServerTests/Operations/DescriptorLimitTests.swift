import Foundation
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct DescriptorLimitTests {
    @Test func theSoftLimitIsRaisedToTheHardOne() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var limits = rlimit(rlim_cur: 256, rlim_max: 512)
            guard setrlimit(resource, &limits) == 0 else { exit(1) }
            guard DescriptorLimit.raise() == DescriptorLimit(found: 256, limit: 512) else { exit(2) }
            getrlimit(resource, &limits)
            exit(limits.rlim_cur == 512 ? 42 : 3)
        }
    }

    @Test func connectionsLeaveTheReserve() throws {
        let limit = DescriptorLimit(found: 256, limit: 512)
        #expect(try limit.connections(wanted: 1_024) == (512 - DescriptorLimit.reserve) / 2)
        #expect(try limit.connections(wanted: 50) == 50)
        #expect(throws: DescriptorLimit.TooLow.self) { try DescriptorLimit(found: 64, limit: 64).connections(wanted: 10) }
    }

    /// Clients that say nothing take all connections that there are: those who come later are served, and the jobs that were accepted go on.
    @Test func idleConnectionsTakeNoDescriptorFromWork() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-descriptors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // prlimit(1) before the program is what a shell or a service manager does.
        let server = try Executable(
            ["serve", "--port", "0", "--data", "data", "--model", GatedEngine.fixtures.appendingPathComponent("tiny").path], folder: folder,
            limitedBy: ["prlimit", "--nofile=256:256"])
        let port = try server.port()
        let idle = (0..<300).compactMap { _ in try? HTTPLoopbackClient(port: port) }
        defer { withExtendedLifetime(idle) {} }
        let picture = try ServicePictures.picture()
        // Who comes when there is no room has a second to speak.
        let accepted = try (0..<8).map { _ in
            let client = try HTTPLoopbackClient(port: port)
            ServiceFixture.send(client, "POST", "/v1/jobs?timestep=\(Int.random(in: 0...999))", picture)
            return client
        }
        var ids: [String] = []
        for client in accepted { ids.append(try #require(try client.answer().json["id"]?.string)) }
        for id in ids {
            try ServiceFixture.wait {
                ServiceFixture.send(accepted[0], "GET", "/v1/jobs/\(id)")
                let state = try accepted[0].answer().json["state"]
                #expect(state != .string("failed"))
                return state == .string("succeeded")
            }
        }
        server.kill(SIGTERM)
        let errors = try server.result().errors
        #expect(errors.contains("fewer connections than asked for") && !errors.contains("job postponed"))
    }
}
