import Foundation
import FoundationXML
import Storage
import Testing
@testable import Server

/// GET /v1/blur-levels, lists by time, and estimates.
@Suite(.timeLimit(.minutes(60))) struct BlurLevelsResourceTests {
    /// Stores jobs with these timesteps, one a second from 2025-01-01 on.
    private func stored(_ timesteps: [Int]) throws -> ServiceFixture {
        // Without weights no worker takes the jobs.
        let fixture = try ServiceFixture(isLoaded: false)
        let start = Date(timeIntervalSince1970: 1_735_689_600)
        for (index, timestep) in timesteps.enumerated() {
            let id = try fixture.jobs.enqueue(
                NewJob(inputFormat: "png", inputBytes: 1, width: 20, height: 20, inputHash: ""),
                now: start.addingTimeInterval(Double(index))
            ).id
            _ = try fixture.jobs.claim(leaseSeconds: 60, worker: "w")
            _ = try fixture.jobs.setPredictedTimestep(id: id, timestep)
            _ = try fixture.jobs.fail(id: id, problemType: "numerical_fault", detail: "d")
        }
        return fixture
    }

    @Test func countsByBinsAndWords() throws {
        let fixture = try stored([120, 139, 140, 181, 0, 999])
        let levels = try fixture.call("GET", "/v1/blur-levels").json
        #expect(levels["jobs"] == .integer(6) && levels["median"] == .integer(139))
        #expect(abs(try #require(levels["mean"]?.number) - 1579.0 / 6) < 1e-9)
        let bins = try #require(levels["bins"]?.elements)
        #expect(bins.count == 50)
        func jobs(_ least: Int) -> Int? { bins.first { $0["min_timestep"] == .integer(least) }?["jobs"]?.integer }
        #expect([jobs(0), jobs(20), jobs(120), jobs(140), jobs(180), jobs(980)] == [1, 0, 2, 1, 1, 1])
        #expect(bins.last?["max_timestep"] == .integer(999))
        #expect(
            levels["levels"]?.elements.map { "\($0["description"]?.string ?? "") \($0["jobs"]?.integer ?? -1)" }
                == ["sharp 1", "slight 0", "moderate 3", "strong 1", "severe 1"])
        #expect(try fixture.call("GET", "/v1/blur-levels?bin=500").json["bins"]?.elements.map { $0["jobs"]?.integer } == [5, 1])
    }

    @Test func countsWithinATime() throws {
        let fixture = try stored([100, 200, 300])
        func jobs(_ query: String) throws -> Int? { try fixture.call("GET", "/v1/blur-levels?" + query).json["jobs"]?.integer }
        #expect(try jobs("created_from=2025-01-01T00:00:01Z") == 2)
        #expect(try jobs("created_before=2025-01-01T00:00:01Z") == 1)
        #expect(try jobs("created_from=2025-01-01T01:00:01.000%2B01:00&created_before=2025-01-01T00:00:02Z") == 1)
        for query in [
            "created_from=yesterday", "created_from=2025-01-01", "created_before=2025-13-01T00:00:00Z",
            "created_from=2025-01-01T00:00:00+01:00",
            "bin=0", "bin=501", "format=pdf", "format=",
        ] {
            #expect(try fixture.call("GET", "/v1/blur-levels?" + query).problem == "invalid_parameter", "\(query)")
        }
    }

    @Test func nothingIsStoredYet() throws {
        let fixture = try ServiceFixture()
        let levels = try fixture.call("GET", "/v1/blur-levels").json
        #expect(levels["jobs"] == .integer(0) && levels["mean"] == .null && levels["median"] == .null && levels["bins"] == .array([]))
        #expect(try fixture.call("GET", "/v1/blur-levels?format=svg").text.contains("No job"))
    }

    @Test func thePlotIsWellFormedAndShowsEveryBin() throws {
        let fixture = try stored([120, 139, 140, 181])
        let plot = try fixture.call("GET", "/v1/blur-levels?format=svg")
        #expect(plot.fields["content-type"] == "image/svg+xml" && plot.fields["vary"] == "Accept")
        #expect(try fixture.call("GET", "/v1/blur-levels", fields: ["Accept": "image/svg+xml"]).body == plot.body)
        #expect(
            try fixture.call("GET", "/v1/blur-levels", fields: ["Accept": "application/json, image/svg+xml"]).fields["content-type"]
                == "application/json")

        let reader = Elements()
        let parser = XMLParser(data: Data(plot.body))
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        let heights = reader.found.filter { $0.name == "rect" }.compactMap { $0.attributes["height"].flatMap(Double.init) }
        #expect(heights.count == 4 && heights[0] == 232 && heights[1] == 116 && heights[2] == 0 && heights[3] == 116)
        #expect(plot.text.contains("4 jobs, median timestep 139"))
        #expect(!plot.text.contains("script") && !plot.text.contains("href"))
    }

    private final class Elements: NSObject, XMLParserDelegate {
        var found: [(name: String, attributes: [String: String])] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String] = [:]
        ) {
            found.append((name, attributes))
        }
    }

    @Test func listsByTime() throws {
        let fixture = try stored([100, 200, 300])
        func list(_ query: String) throws -> [Int?] {
            try fixture.call("GET", "/v1/jobs?" + query).json["jobs"]?.elements.map { $0["predicted_timestep"]?.integer } ?? []
        }
        #expect(try list("created_from=2025-01-01T00:00:01Z") == [300, 200])
        #expect(try list("created_from=2025-01-01T00:00:01Z&created_before=2025-01-01T00:00:02Z") == [200])
        #expect(try list("created_before=2025-01-01T00:00:02Z&min_timestep=150&state=failed") == [200])
        #expect(try fixture.call("GET", "/v1/jobs?created_from=now").problem == "invalid_parameter")
    }

    @Test func timesAreEstimatedFromWhatWasMeasured() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.maxQueued = 2
        }
        let start = Date(timeIntervalSince1970: 1_735_689_600)
        let running = try fixture.submit(ServicePictures.picture(40, 40))
        try fixture.engine.waitUntilHeld()
        let unmeasured = try fixture.call("GET", "/v1/jobs/\(running)")
        #expect(try unmeasured.json["estimated_seconds"] == .null && unmeasured.fields["retry-after"] == "5")

        // As if an earlier job of 1600 pixels had taken 8 s.
        let intruder = try JobStore(directory: fixture.folder, maxQueued: 9)
        let before = try intruder.enqueue(NewJob(inputFormat: "png", inputBytes: 1, width: 40, height: 40, inputHash: "")).id
        #expect(try intruder.claim(now: start, leaseSeconds: 60, worker: "w")?.id == before)
        try intruder.finish(id: before, JobOutput(format: "png", bytes: 1), now: start.addingTimeInterval(8))

        let progress = try #require(try fixture.jobs.job(id: running)).progress
        func estimate(_ id: String) throws -> Double {
            try #require(try fixture.call("GET", "/v1/jobs/\(id)").json["estimated_seconds"]?.number)
        }
        #expect(try abs(estimate(running) - 8 * (1 - progress)) <= 0.11)
        let second = try fixture.submit(ServicePictures.picture(40, 40)),
            third = try fixture.submit(ServicePictures.picture(80, 40), "?preview=40")
        #expect(try abs(estimate(second) - 8 * (2 - progress)) <= 0.11)
        #expect(try abs(estimate(third) - (8 * (2 - progress) + 4)) <= 0.11, "a preview is less work")
        let listed = try fixture.call("GET", "/v1/jobs?state=queued").json["jobs"]?.elements.map { $0["queue_position"]?.integer }
        #expect(listed == [2, 1])
        // A place is free when the running job is done.
        let refused = try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(20, 20))
        #expect(refused.status == 429)
        let place = 8 * (1 - progress), told = try #require(refused.fields["retry-after"].flatMap(Double.init))
        #expect(told >= place - 0.1 && told <= place * (1 + PlaceForecast.jitter) + 1.1, "\(told) s for a place in \(place) s")
        let result = try fixture.call("GET", "/v1/jobs/\(second)/result")
        #expect(try abs(#require(result.fields["retry-after"].flatMap(Double.init)) - 8 * (2 - progress)) <= 1.1)

        fixture.engine.open()
        _ = try fixture.finished(third)
        let done = try fixture.call("GET", "/v1/jobs/\(third)")
        #expect(try done.json["estimated_seconds"] == .null && done.fields["retry-after"] == nil)
        let timing = try #require(done.fields["server-timing"])
        for stage in ["queue", "decode", "kernels", "diffusion", "encode", "total"] {
            #expect(timing.contains("\(stage);dur="), "\(timing)")
        }
    }
}
