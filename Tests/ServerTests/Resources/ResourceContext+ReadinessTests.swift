import Foundation
import Storage
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct ResourceContextReadinessTests {
    @Test func whileItDrainsItIsNotReadyAndFinishesWhatRuns() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.drainSeconds = GatedEngine.patienceSeconds
        }
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let waiting = try fixture.submit(ServicePictures.picture())
        let stopped = DispatchGroup()
        DispatchQueue.global().async(group: stopped) { [service = fixture.service] in service.stop() }
        try ServiceFixture.wait { fixture.service.lifecycle.isDraining }
        let ready = try fixture.call("GET", "/readyz")
        #expect(ready.status == 503)
        #expect(try ready.problem == "stopping")
        #expect(try fixture.call("GET", "/healthz").status == 200)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)").json["state"] == .string("running"))
        fixture.engine.open()
        stopped.wait()
        #expect(try fixture.jobs.job(id: id)?.state == .succeeded)
        #expect(try fixture.jobs.job(id: waiting)?.state == .queued)
    }

    /// Probes ask every few seconds: the log tells of the change.
    @Test func theLogDoesNotTellOfEachPoll() throws {
        let log = LogLines()
        let fixture = try ServiceFixture(logger: log.logger) { $0.maxBodyBytes = 1 << 60 }
        for _ in 0..<5 { #expect(try fixture.call("GET", "/readyz").status == 503) }
        let lines = try log.lines(of: "not ready")
        #expect(lines.count == 1 && lines.first?["error"]?.string?.contains("the largest picture needs \(1 << 60)") == true)
    }
}
