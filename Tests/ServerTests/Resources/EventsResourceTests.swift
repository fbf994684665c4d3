import Foundation
import Storage
import Testing
@testable import Server

/// GET /v1/jobs/{id}/events, as an EventSource sees it.
@Suite(.timeLimit(.minutes(60))) struct EventsResourceTests {
    private struct Event {
        var id = "", name = "", data: JSONValue = .null

        var state: String? { data["state"]?.string }
    }

    /// Reads `text/event-stream`; comments and fields without an event are passed over.
    private final class Source {
        let client: HTTPLoopbackClient
        let head: HTTPLoopbackClient.Answer
        private(set) var comments = 0
        private var text = ""

        init(_ fixture: ServiceFixture, _ id: String, _ fields: [String: String] = [:]) throws {
            client = try HTTPLoopbackClient(port: fixture.port)
            ServiceFixture.send(client, "GET", "/v1/jobs/\(id)/events", Data(), fields)
            head = try client.head()
        }

        /// nil at the end.
        func next() throws -> Event? {
            while true {
                while let end = text.range(of: "\n\n") {
                    let block = text[..<end.lowerBound]
                    text = String(text[end.upperBound...])
                    var event = Event()
                    for line in block.split(separator: "\n") {
                        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                        let value = parts[1].drop { $0 == " " }
                        switch parts[0] {
                        case "id": event.id = String(value)
                        case "event": event.name = String(value)
                        case "data": event.data = try JSONValue(json: Data(value.utf8))
                        case "": comments += 1
                        default: break
                        }
                    }
                    if event.data != .null { return event }
                }
                let chunk = try client.chunk()
                if chunk.isEmpty { return nil }
                text += String(decoding: chunk, as: UTF8.self)
            }
        }

        func rest() throws -> [Event] {
            var events: [Event] = []
            while let event = try next() { events.append(event) }
            return events
        }
    }

    @Test func aJobIsFollowedToItsEnd() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let first = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let id = try fixture.submit(ServicePictures.picture(80, 80))
        let source = try Source(fixture, id)
        #expect(source.head.status == 200 && source.head.fields["content-type"] == "text/event-stream")
        #expect(source.head.fields["cache-control"] == "no-store" && source.head.fields["fidediff-job"] == id)
        let start = try #require(try source.next())
        #expect(start.name == "state" && start.state == "queued" && start.data["queue_position"] == .integer(1))

        fixture.engine.open()
        _ = try fixture.finished(first)
        let events = try source.rest()
        #expect(events.first { $0.state == "running" }?.name == "state")
        let last = try #require(events.last)
        #expect(last.state == "succeeded" && last.name == "state" && last.data["progress"]?.number == 1)
        #expect(try last.data == fixture.call("GET", "/v1/jobs/\(id)").json, "the data is the job")
        let progress = events.compactMap { $0.data["progress"]?.number }
        #expect(progress == progress.sorted() && events.contains { $0.name == "progress" })
        #expect(Set(events.map(\.id)).count == events.count && !events.contains { $0.id == start.id })
        #expect(fixture.service.events.count == 0)

        // On the same connection goes on what an HTTP client would ask next.
        ServiceFixture.send(source.client, "GET", "/healthz")
        #expect(try source.client.answer().status == 200)
    }

    @Test func aClientThatComesBackIsToldWhatItMissed() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let seen = try #require(try Source(fixture, id).next()).id
        // Nothing changed: no event until something does.
        let again = try Source(fixture, id, ["Last-Event-ID": seen])
        try ServiceFixture.wait { fixture.service.events.count >= 1 }
        fixture.engine.open()
        _ = try fixture.finished(id)
        let events = try again.rest()
        #expect(!events.contains { $0.id == seen } && events.last?.state == "succeeded")

        let late = try Source(fixture, id, ["Last-Event-ID": seen])
        #expect(try late.rest().map(\.state) == ["succeeded"])
        let end = try fixture.call("GET", "/v1/jobs/\(id)/events", fields: ["Last-Event-ID": #require(events.last).id])
        #expect(end.status == 204)
    }

    @Test func idsMeanTheSameAfterARestart() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        let id: String, last: String
        do {
            let fixture = try ServiceFixture(folder: folder)
            fixture.keepsFolder = true
            id = try fixture.submit(ServicePictures.picture())
            last = try #require(try Source(fixture, id).rest().last).id
        }
        let fixture = try ServiceFixture(folder: folder)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/events", fields: ["Last-Event-ID": last]).status == 204)
    }

    @Test func aCancelledJobAndItsQueueAreTold() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        _ = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let cancelled = try fixture.submit(ServicePictures.picture()), behind = try fixture.submit(ServicePictures.picture())
        let source = try Source(fixture, cancelled), other = try Source(fixture, behind)
        #expect(try source.next()?.state == "queued")
        #expect(try other.next()?.data["queue_position"] == .integer(2))
        #expect(try fixture.call("DELETE", "/v1/jobs/\(cancelled)").status == 202)
        #expect(try source.rest().map(\.state) == ["cancelled"])
        let moved = try #require(try other.next())
        #expect(moved.data["queue_position"] == .integer(1) && moved.name == "progress")
    }

    @Test func silenceIsFilledAndLeaversAreForgotten() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.http.heartbeatSeconds = 0.02
        }
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        do {
            let source = try Source(fixture, id)
            #expect(try source.next()?.state == "running")
            var comments = 0
            while comments < 3 { if try source.client.chunk() == Array(":\n\n".utf8) { comments += 1 } }
            #expect(fixture.service.events.count == 1)
        }
        try ServiceFixture.wait { fixture.service.events.count == 0 }
    }

    @Test func aDeletedJobEndsItsStream() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let source = try Source(fixture, id)
        #expect(try source.next()?.state == "running")
        // Behind the service's back, as after an expiry.
        _ = try fixture.jobs.fail(id: id, problemType: "numerical_fault", detail: "d")
        try fixture.jobs.delete(id: id)
        fixture.service.events.changed(id)
        #expect(try source.rest().isEmpty)
    }

    @Test func aStoppingServiceEndsItsStreams() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let source = try Source(fixture, id)
        #expect(try source.next()?.state == "running")
        let stopped = DispatchGroup()
        DispatchQueue.global().async(group: stopped) { [service = fixture.service] in service.stop() }
        try ServiceFixture.wait { fixture.service.isInterrupting }
        fixture.engine.open()
        let events = try source.rest()
        #expect(events.allSatisfy { ["running", "queued"].contains($0.state) })
        stopped.wait()
    }
}
