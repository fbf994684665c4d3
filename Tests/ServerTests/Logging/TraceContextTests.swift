import Foundation
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct TraceContextTests {
    private static let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func readsAndWrites() throws {
        let trace = try #require(TraceContext(traceparent: Self.valid, tracestate: "a=1,b=2"))
        #expect((trace.traceID, trace.spanID, trace.isSampled) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true))
        #expect(trace.traceparent == Self.valid && trace.tracestate == "a=1,b=2")
        let child = trace.child
        #expect((child.traceID, child.isSampled, child.tracestate) == (trace.traceID, true, "a=1,b=2"))
        #expect(child.spanID != trace.spanID && TraceContext(traceparent: child.traceparent, tracestate: nil) != nil)
        let own = TraceContext()
        #expect(
            own.traceID != TraceContext().traceID && TraceContext(traceparent: own.traceparent, tracestate: nil)?.traceID == own.traceID)
    }

    /// Section 3.2.4: a later version is read as far as it is known, and continued as version 00.
    @Test func readsLaterVersions() throws {
        for text in ["cc" + Self.valid.dropFirst(2), "cc" + Self.valid.dropFirst(2) + "-more"] {
            #expect(TraceContext(traceparent: text, tracestate: nil)?.traceparent == Self.valid)
        }
    }

    @Test(arguments: [
        "", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01", "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ])
    func ignoresWhatIsInvalid(text: String) {
        #expect(TraceContext(traceparent: text, tracestate: "a=1") == nil)
    }

    @Test func longStatesAreDropped() {
        #expect(TraceContext(traceparent: Self.valid, tracestate: String(repeating: "a", count: 513))?.tracestate == nil)
    }

    /// One trace from the request through the log to the job.
    @Test func aRequestsTraceIsContinuedInLogAndJob() throws {
        let log = LogLines()
        let fixture = try ServiceFixture(logger: log.logger)
        let answer = try fixture.call(
            "POST", "/v1/jobs", body: ServicePictures.picture(), fields: ["traceparent": Self.valid, "tracestate": "vendor=1"])
        let id = try #require(try answer.json["id"]?.string)
        let job = try fixture.finished(id)
        let trace = try #require(TraceContext(traceparent: job.context.traceparent, tracestate: nil))
        #expect(trace.traceID == "0af7651916cd43dd8448eb211c80319c" && trace.spanID != "b7ad6b7169203331" && trace.isSampled)
        #expect(job.context.tracestate == "vendor=1" && job.context.requestID == answer.fields["fidediff-request"])
        #expect(try answer.json["traceparent"] == .string(trace.traceparent))

        let request = try #require(try log.lines(of: "POST /v1/jobs").first)
        #expect(request["trace_id"]?.string == trace.traceID && request["span_id"]?.string == trace.spanID)
        #expect(request["status"] == .integer(202) && request["request"]?.string == job.context.requestID)
        try ServiceFixture.wait { try !log.lines(of: "job succeeded").isEmpty }
        for message in ["job started", "job succeeded"] {
            let line = try #require(try log.lines(of: message).first)
            #expect(
                line["job"]?.string == id && line["request"]?.string == job.context.requestID && line["trace_id"]?.string == trace.traceID)
        }
    }

    @Test func aJobWithoutATraceBeginsOne() throws {
        let fixture = try ServiceFixture()
        let ids = try (0..<2).map { _ in try fixture.submit(ServicePictures.picture()) }
        let traces = try ids.map { TraceContext(traceparent: try fixture.jobs.job(id: $0)?.context.traceparent, tracestate: nil)?.traceID }
        #expect(traces.compactMap { $0 }.count == 2 && traces[0] != traces[1])
    }
}
