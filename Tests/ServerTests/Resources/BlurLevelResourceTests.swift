import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Engine
@testable import Server

/// POST /v1/blur-level.
@Suite(.timeLimit(.minutes(60))) struct BlurLevelResourceTests {
    @Test func saysHowBlurred() throws {
        let fixture = try ServiceFixture()
        let picture = try ServicePictures.picture()
        let answer = try fixture.call("POST", "/v1/blur-level", body: picture)
        let level = try fixture.engine.blurLevel(of: picture)
        #expect(answer.status == 200)
        #expect(
            try answer.json
                == .object([
                    "predicted_timestep": .integer(level.timestep),
                    "equivalent_frames": JSONValue(json: Data("\(level.equivalentFrames)".utf8)),
                    "milliseconds_at_240_fps": .number(level.millisecondsAt240FPS), "description": .string(level.description),
                ]))
        #expect(try fixture.jobs.list().jobs.isEmpty, "nothing is stored")
        #expect(try fixture.call("POST", "/v1/blur-level?timestep=1", body: picture).problem == "invalid_parameter")
    }

    @Test func blurLevelsAreBoundedOnTheirOwn() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.maxWaitingBlurLevels = 1
        }
        let picture = try ServicePictures.picture()
        let clients = try (0..<2).map { _ in try HTTPLoopbackClient(port: fixture.port) }
        ServiceFixture.send(clients[0], "POST", "/v1/blur-level", picture)
        try fixture.engine.waitUntilHeld()
        ServiceFixture.send(clients[1], "POST", "/v1/blur-level", picture)
        try ServiceFixture.wait { fixture.service.blurLevels.waiting == 1 }
        let refused = try fixture.call("POST", "/v1/blur-level", body: picture)
        #expect(refused.status == 429)
        #expect(try refused.json["limit"] == .integer(1))
        #expect(refused.fields["retry-after"] != nil)
        fixture.engine.open()
        for client in clients { #expect(try client.answer().status == 200) }
    }
}
