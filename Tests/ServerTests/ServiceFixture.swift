import Foundation
import GRDB
import Logging
import Storage
import Testing
@testable import Engine
@testable import Server

/// A whole service over a folder of its own: real sockets, a real database, the tiny model.
final class ServiceFixture {
    let engine: GatedEngine
    let jobs: JobStore
    let blobs: BlobStore
    let folder: URL
    let service: Service
    /// The folder outlives this object, for the next one.
    var keepsFolder = false
    let port: UInt16

    /// - Parameters:
    ///   - folder: of an earlier fixture, to start again over the same data.
    ///   - isLoaded: false = the weights are still to come, `service.begin(with: engine)`.
    ///   - reservedBytes: as of `BlobStore`; more than any disk has makes the disk full.
    init(
        folder: URL? = nil, engine: GatedEngine? = nil, isLoaded: Bool = true, reservedBytes: Int = 0, logger: Logger? = nil,
        _ change: (inout Server.Configuration) -> Void = { _ in }
    ) throws {
        self.folder = folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        var configuration = Server.Configuration(dataDirectory: self.folder)
        configuration.port = 0
        configuration.drainSeconds = 0
        // Most tests send one picture several times to have several jobs.
        configuration.reusesResults = false
        change(&configuration)
        self.engine = try engine ?? GatedEngine()
        blobs = try BlobStore(directory: self.folder.appendingPathComponent("pictures"), reservedBytes: reservedBytes)
        jobs = try JobStore(directory: self.folder, maxQueued: configuration.maxQueued)
        let logger = logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        service = Service(configuration: configuration, deblurrer: isLoaded ? self.engine : nil, jobs: jobs, blobs: blobs, logger: logger)
        port = try service.start()
    }

    deinit {
        engine.open()
        service.stop()
        if !keepsFolder { try? FileManager.default.removeItem(at: folder) }
    }

    /// One request on a connection of its own. The answer is held against openapi.yaml.
    func call(
        _ method: String, _ target: String, body: Data = Data(), fields: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> HTTPLoopbackClient.Answer {
        let client = try HTTPLoopbackClient(port: port)
        Self.send(client, method, target, body, fields)
        let answer = try client.answer(isHead: method == "HEAD")
        for violation in try OpenAPIContract.embedded.get().violations(method, target, answer) {
            Issue.record("\(violation)", sourceLocation: sourceLocation)
        }
        return answer
    }

    static func send(
        _ client: HTTPLoopbackClient, _ method: String, _ target: String, _ body: Data = Data(), _ fields: [String: String] = [:]
    ) {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        if !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        client.send(Array((head + "\r\n").utf8) + Array(body))
    }

    /// Submits a picture -> the job's id.
    func submit(_ picture: Data, _ query: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let answer = try call("POST", "/v1/jobs" + query, body: picture, sourceLocation: sourceLocation)
        #expect(answer.status == 202, "\(answer.text)", sourceLocation: sourceLocation)
        return try #require(try answer.json["id"]?.string, sourceLocation: sourceLocation)
    }

    /// The service's database, opened behind its back; what is written there waits for the service's own writes.
    func intruder() throws -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(GatedEngine.patienceSeconds)
        return try DatabaseQueue(path: folder.appendingPathComponent(JobStore.fileName).path, configuration: configuration)
    }

    /// Waits until a job is over.
    func finished(_ id: String) throws -> Job {
        let arrived = DispatchSemaphore(value: 0)
        service.waiters.add(id: id) { _ in arrived.signal() }
        if let job = try jobs.job(id: id), job.state.isFinal { return job }
        guard arrived.wait(timeout: .now() + GatedEngine.patienceSeconds) == .success else { throw GatedEngine.TimedOut() }
        return try #require(try jobs.job(id: id))
    }
}

extension HTTPLoopbackClient.Answer {
    var json: JSONValue { get throws { try JSONValue(json: Data(body)) } }

    /// The last part of a problem's type.
    var problem: String? {
        get throws { try json["type"]?.string?.replacingOccurrences(of: "urn:fidediff:problem:", with: "") }
    }
}

extension Intake {
    /// Looks at a picture's headers and records its job, as a call does.
    func accept(_ image: Data, id: String = JobID.make(), context: JobContext = JobContext()) throws -> Job {
        try accept(image, inspect(image), id: id, options: JobOptions(), context: context)
    }
}
