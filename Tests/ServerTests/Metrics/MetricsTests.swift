import Foundation
import Storage
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct MetricsTests {
    /// - Returns: the value after `series` in the service's metrics; nil when it is not there.
    private func value(_ series: String, _ fixture: ServiceFixture) throws -> Double? {
        let answer = try fixture.call("GET", "/metrics")
        #expect(answer.status == 200)
        return answer.text.split(separator: "\n").first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    @Test func aJobIsCountedInEveryPart() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let picture = try ServicePictures.picture()
        let id = try fixture.submit(picture)
        try fixture.engine.waitUntilHeld()
        _ = try fixture.submit(picture)
        #expect(try value("fidediff_queue_depth", fixture) == 1)
        #expect(try value("fidediff_jobs{state=\"running\"}", fixture) == 1)
        fixture.engine.open()
        let job = try fixture.finished(id)
        try ServiceFixture.wait { try value("fidediff_jobs_settled_total{state=\"succeeded\"}", fixture) == 2 }

        #expect(try value("fidediff_job_run_seconds_count", fixture) == 2)
        #expect(try value("fidediff_job_wait_seconds_bucket{le=\"+Inf\"}", fixture) == 2)
        for stage in ["decode", "kernels", "diffusion", "encode"] {
            #expect(try value("fidediff_stage_seconds_count{stage=\"\(stage)\"}", fixture) == 2, "\(stage)")
        }
        let timestep = try #require(job.predictedTimestep)
        #expect(try value("fidediff_predicted_timestep_sum", fixture) == Double(2 * timestep))
        #expect(try value("fidediff_predicted_timestep_bucket{le=\"999\"}", fixture) == 2)
        #expect(try value("fidediff_stored_bytes{kind=\"input\"}", fixture) == Double(2 * picture.count))
        #expect(try value("fidediff_stored_bytes{kind=\"output\"}", fixture) == Double(2 * (job.output?.bytes ?? 0)))
        #expect(try value("fidediff_http_received_bytes_total", fixture) == Double(2 * picture.count))
        #expect(try value("fidediff_ready", fixture) == 1)
        #expect(try value("process_resident_memory_bytes", fixture) ?? 0 > 1_000_000)
        #expect(try value("process_open_fds", fixture) ?? 0 > 3)
    }

    /// Its stages and its timestep are those of the job that was computed, and counted once.
    @Test func aReusedResultIsCountedAsOne() throws {
        let fixture = try ServiceFixture { $0.reusesResults = true }
        let picture = try ServicePictures.picture()
        _ = try fixture.finished(fixture.submit(picture))
        _ = try fixture.submit(picture)
        #expect(try value("fidediff_jobs_settled_total{state=\"succeeded\"}", fixture) == 2)
        #expect(try value("fidediff_jobs_reused_total", fixture) == 1)
        for series in [
            "fidediff_job_run_seconds_count", "fidediff_predicted_timestep_count", "fidediff_stage_seconds_count{stage=\"kernels\"}",
        ] {
            #expect(try value(series, fixture) == 1, "\(series)")
        }
    }

    /// A stream is an answer when it begins, and its bytes count as they are written.
    @Test func aStreamOfEventsIsCounted() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true))
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let before = fixture.service.metrics.current.sentBytes
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "GET", "/v1/jobs/\(id)/events")
        #expect(try client.head().status == 200)
        var streamed = try client.chunk().count

        let metrics = try fixture.call("GET", "/metrics")
        #expect(metrics.text.contains("fidediff_http_requests_total{method=\"GET\",route=\"/v1/jobs/{id}/events\",status=\"200\"} 1\n"))
        #expect(metrics.text.contains("\nfidediff_event_streams 1\n"))
        fixture.engine.open()
        while case let chunk = try client.chunk(), !chunk.isEmpty { streamed += chunk.count }
        #expect(fixture.service.metrics.current.sentBytes - before == streamed + metrics.body.count)
        #expect(try value("fidediff_event_streams", fixture) == 0)
    }

    @Test func answersAreCountedByTemplateAndStrangersMakeNoLabels() throws {
        let fixture = try ServiceFixture()
        for id in ["a", "b"] { _ = try fixture.call("GET", "/v1/jobs/\(id)") }
        _ = try fixture.call("GET", "/secret%22path")
        _ = try fixture.call("BREW", "/healthz")
        _ = try fixture.call("POST", "/v1/jobs", body: Data("x".utf8), fields: ["Content-Encoding": "gzip"])
        let client = try HTTPLoopbackClient(port: fixture.port)
        client.send("broken\r\n\r\n")
        #expect(try client.answer().status == 400)

        func requests(_ method: String, _ route: String, _ status: Int) throws -> Double? {
            try value("fidediff_http_requests_total{method=\"\(method)\",route=\"\(route)\",status=\"\(status)\"}", fixture)
        }
        #expect(try requests("GET", "/v1/jobs/{id}", 404) == 2)
        #expect(try requests("GET", "none", 404) == 1)
        #expect(try requests("other", "none", 405) == 1)
        #expect(try requests("POST", "/v1/jobs", 415) == 1, "refused before its body was read")
        #expect(try requests("none", "none", 400) == 1)
        #expect(try value("fidediff_http_request_seconds_count{method=\"GET\",route=\"/v1/jobs/{id}\"}", fixture) == 2)
        #expect(try !fixture.call("GET", "/metrics").text.contains("secret"))
    }

    @Test func aBrokenStoreIsSaidAndTheRestStays() throws {
        let fixture = try ServiceFixture()
        try fixture.jobs.close()
        #expect(try value("fidediff_ready", fixture) == 0)
        #expect(try value("fidediff_queue_depth", fixture) == nil)
        #expect(try value("process_start_time_seconds", fixture) != nil)
    }
}
