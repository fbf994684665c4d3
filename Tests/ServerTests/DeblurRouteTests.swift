import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Engine
@testable import Server

/// POST /v1/deblur and POST /v1/blur-level.
@Suite(.timeLimit(.minutes(60))) struct DeblurRouteTests {
    @Test(arguments: [ImageFormat.png, .jpeg])
    func answersWithTheDeblurredPicture(format: ImageFormat) throws {
        let fixture = try ServiceFixture()
        let picture = try ServicePictures.picture(40, 24, format: format)
        let answer = try fixture.call("POST", "/v1/deblur", body: picture)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.fields["content-type"] == format.mediaType)
        let info = try ImageInfo(of: Data(answer.body))
        #expect(info.width == 40 && info.height == 24 && info.format == format)

        // The engine without a server gives the same.
        let direct = try fixture.engine.deblur(picture, options: DeblurOptions(), onTimestep: { _ in }, onProgress: { _ in })
        #expect(Data(answer.body) == direct.data)
        #expect(answer.fields["fidediff-predicted-timestep"] == String(direct.predictedTimestep))

        // It is a job like any other.
        let id = try #require(answer.fields["fidediff-job"])
        let job = try fixture.call("GET", "/v1/jobs/\(id)")
        #expect(try job.json["state"] == .string("succeeded"))
        #expect(try job.json["predicted_timestep"] == .integer(direct.predictedTimestep))
        #expect(try job.json["unchanged"] == .bool(false) && job.json["reblur_psnr"]?.number == direct.reblurPSNR)
        #expect(answer.fields["fidediff-unchanged"] == "false")
        #expect(answer.fields["fidediff-reblur-psnr"] == String(format: "%.2f", direct.reblurPSNR))
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result").body == answer.body)
    }

    private func form(_ parts: [(head: String, data: Data)]) -> (Data, [String: String]) {
        var body = Data()
        for part in parts {
            body += Data("--B\r\nContent-Disposition: form-data; \(part.head)\r\n\r\n".utf8) + part.data + Data("\r\n".utf8)
        }
        return (body + Data("--B--\r\n".utf8), ["Content-Type": "multipart/form-data; boundary=B"])
    }

    @Test func takesFormsAndOptions() throws {
        let fixture = try ServiceFixture()
        let picture = try ServicePictures.picture()
        let raw = try fixture.call("POST", "/v1/deblur?timestep=400", body: picture)
        let (body, fields) = form([(#"name="timestep""#, Data("400".utf8)), (#"name="image"; filename="a.png""#, picture)])
        let formed = try fixture.call("POST", "/v1/deblur", body: body, fields: fields)
        #expect(formed.status == 200, "\(formed.text)")
        #expect(formed.body == raw.body)
        let auto = try fixture.call("POST", "/v1/deblur?timestep=auto", body: picture)
        #expect(auto.body != raw.body, "the timestep has no effect")
        // T's prediction is told whatever was asked for.
        #expect(auto.fields["fidediff-predicted-timestep"] == raw.fields["fidediff-predicted-timestep"])
        let job = try fixture.call("GET", "/v1/jobs/\(raw.fields["fidediff-job"] ?? "")")
        #expect(try job.json["requested_timestep"] == .integer(400))
    }

    @Test func aPictureInAFormIsASliceOfTheBody() throws {
        let picture = try ServicePictures.picture()
        let (body, fields) = form([(#"name="strength""#, Data("1".utf8)), (#"name="image"; filename="a.png""#, picture)])
        var head = HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/v1/jobs")
        head.headerFields[.contentType] = fields["Content-Type"]
        let upload = try PictureUpload(Request(head: head, path: "/v1/jobs", body: body))
        #expect(upload.picture == picture)
        let isInside = body.withUnsafeBytes { whole in
            upload.picture.withUnsafeBytes { part in
                part.baseAddress.flatMap { start in whole.baseAddress.map { start >= $0 && start + part.count <= $0 + whole.count } }
            }
        }
        #expect(isInside == true)
    }

    @Test func refusesBadForms() throws {
        let fixture = try ServiceFixture()
        let picture = try ServicePictures.picture()
        let file = (#"name="image"; filename="a.png""#, picture)
        let cases: [([(String, Data)], String)] = [
            ([(#"name="timestep""#, Data("1".utf8))], "invalid_form"),
            ([file, (#"name="timestep""#, Data("1000".utf8))], "invalid_parameter"),
            ([file, (#"name="timestap""#, Data("1".utf8))], "invalid_parameter"),
            ([(#"name="image"; filename="a.png""#, Data())], "empty_body"),
        ]
        for (parts, problem) in cases {
            let (body, fields) = form(parts)
            for path in ["/v1/deblur", "/v1/jobs", "/v1/blur-level"] {
                let answer = try fixture.call("POST", path, body: body, fields: fields)
                #expect(answer.status == 400)
                #expect(try answer.problem == problem, "\(path) \(answer.text)")
            }
        }
        let (body, fields) = form([file])
        #expect(try fixture.call("POST", "/v1/deblur", body: body.dropLast(8), fields: fields).problem == "invalid_form")
        #expect(
            try fixture.call("POST", "/v1/deblur?timestep=1", body: form([file, (#"name="timestep""#, Data("1".utf8))]).0, fields: fields)
                .problem == "invalid_parameter")
        #expect(try fixture.jobs.list().jobs.isEmpty)
        #expect(fixture.engine.count == 0)
    }

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

    /// Section 5 of the issue: what bad input gets, on all three calls.
    @Test func badPicturesGetTheirProblem() throws {
        let fixture = try ServiceFixture { $0.maxPixels = 48 * 32 }
        let cases: [(Data, Int, String, limit: Int?, measured: Int?)] = [
            (Data(), 400, "empty_body", 1, 0),
            (Data("GIF89a".utf8), 415, "not_an_image", nil, nil),
            (Data([0xFF]), 415, "not_an_image", nil, nil),
            (try ServicePictures.picture(49, 32), 413, "too_many_pixels", 48 * 32, 49 * 32),
            (try ServicePictures.picture(40, 15), 422, "image_too_small", 16, 15),
            (try ServicePictures.picture().prefix(30), 422, "unreadable_image", nil, nil),
        ]
        for (body, status, problem, limit, measured) in cases {
            for path in ["/v1/deblur", "/v1/jobs", "/v1/blur-level"] {
                let answer = try fixture.call("POST", path, body: body)
                #expect(answer.status == status, "\(path) \(answer.text)")
                #expect(try answer.problem == problem, "\(path)")
                #expect(try answer.json["limit"]?.integer == limit)
                #expect(try answer.json["measured"]?.integer == measured)
            }
        }
        #expect(try fixture.jobs.list().jobs.isEmpty)
        // The largest that is allowed still goes through.
        #expect(try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture(48, 32)).status == 200)
    }

    /// Before a job is made, on all three calls; what fits goes through.
    @Test func picturesWithoutMemoryAreRefused() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(largest: 48 * 32))
        for path in ["/v1/deblur", "/v1/jobs", "/v1/blur-level"] {
            let answer = try fixture.call("POST", path, body: ServicePictures.picture(49, 32))
            #expect(answer.status == 413, "\(path) \(answer.text)")
            #expect(try answer.problem == "too_much_memory")
            #expect(try answer.json["limit"]?.integer == 48 * 32 && answer.json["measured"]?.integer == 49 * 32)
        }
        #expect(try fixture.jobs.list().jobs.isEmpty)
        #expect(try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture(48, 32)).status == 200)
        // What counts is what is worked on.
        #expect(try fixture.call("POST", "/v1/deblur?preview=48", body: ServicePictures.picture(96, 64)).status == 200)
    }

    @Test func damageFoundWhileDecodingFailsTheJob() throws {
        let fixture = try ServiceFixture { $0.maxPixels = 64 * 64 }
        let damaged = try ServicePictures.damaged()
        let answer = try fixture.call("POST", "/v1/deblur", body: damaged)
        #expect(answer.status == 422)
        #expect(try answer.problem == "unreadable_image")
        let id = try #require(answer.fields["fidediff-job"])
        #expect(try answer.json["job"] == .string("/v1/jobs/\(id)"))

        let job = try fixture.call("GET", "/v1/jobs/\(id)").json
        #expect(job["state"] == .string("failed"))
        #expect(job["problem"]?["type"]?.string == "urn:fidediff:problem:unreadable_image")
        #expect(job["problem"]?["status"]?.integer == 422)
        let result = try fixture.call("GET", "/v1/jobs/\(id)/result")
        #expect(result.status == 409)
        #expect(try result.problem == "job_failed")
        #expect(try fixture.call("POST", "/v1/blur-level", body: damaged).status == 422)
    }

    @Test func bodiesOverTheLimitAreRefusedUnread() throws {
        let fixture = try ServiceFixture { $0.maxBodyBytes = 1_000 }
        let client = try HTTPLoopbackClient(port: fixture.port)
        // Only the head is sent: the answer comes without the body.
        client.send("POST /v1/deblur HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 413)
        #expect(try answer.problem == "body_too_large")
        #expect(try answer.json["limit"] == .integer(1_000))
        #expect(try answer.json["measured"] == .integer(1_001))
        #expect(try fixture.call("POST", "/v1/jobs", body: Data(count: 1_000)).status == 415)
    }

    @Test func refusesUnreadWhatTheHeadShowsToBeInVain() throws {
        let fixture = try ServiceFixture()
        for (line, extra, status) in [
            ("POST /v1/nothing", "", 404), ("PUT /v1/deblur", "", 405), ("POST /v1/deblur?x=1", "", 400),
            ("POST /v1/deblur", "Content-Encoding: gzip\r\n", 415),
        ] {
            let client = try HTTPLoopbackClient(port: fixture.port)
            client.send("\(line) HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\(extra)Expect: 100-continue\r\n\r\n")
            #expect(try client.answer().status == status, "\(line)")
        }
        let coded = try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: ["Content-Encoding": "gzip"])
        #expect(try coded.problem == "unsupported_content_coding")
        #expect(
            try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: ["Content-Encoding": "identity"]).status == 202)
    }

    @Test func anEngineThatFailsIsA500AndAFailedJob() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(failure: DeblurError.numericalFault(stage: "latent")))
        let answer = try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture())
        #expect(answer.status == 500)
        #expect(try answer.problem == "numerical_fault")
        #expect(try fixture.jobs.list().jobs.map(\.problemType) == ["numerical_fault"])
    }

    /// The client hangs up while its picture is being worked on.
    @Test func aClientThatGoesAwayLosesNothing() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true))
        do {
            let client = try HTTPLoopbackClient(port: fixture.port)
            ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
            try fixture.engine.waitUntilHeld()
        }
        fixture.engine.open()
        let id = try #require(try fixture.jobs.list().jobs.first?.id)
        #expect(try fixture.finished(id).state == .succeeded)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result").status == 200)
    }

    @Test func aWaitingClientHearsThatItsJobWasCancelled() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        _ = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
        let id = try fixture.queuedJob().id
        #expect(try fixture.call("DELETE", "/v1/jobs/\(id)").status == 202)
        let answer = try client.answer()
        #expect(answer.status == 410)
        #expect(try answer.problem == "job_cancelled")
    }

    @Test func aWaitingClientHearsThatTheServiceStops() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let running = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
        _ = try fixture.queuedJob()
        fixture.service.waiters.stop()
        let answer = try client.answer()
        #expect(answer.status == 503)
        #expect(try answer.problem == "stopping")
        fixture.engine.open()
        let id = try #require(answer.fields["fidediff-job"])
        #expect(id != running)
        #expect(try fixture.jobs.job(id: id) != nil)
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

extension ServiceFixture {
    /// The oldest job in state queued, once there is one.
    func queuedJob() throws -> Job {
        var found: Job?
        try Self.wait {
            found = try jobs.list(JobQuery(states: [.queued])).jobs.last
            return found != nil
        }
        return try #require(found)
    }

    /// Yields until `holds`, for what brings no news of itself.
    static func wait(until holds: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(GatedEngine.patienceSeconds)
        while try !holds() {
            guard ContinuousClock.now < deadline else { throw GatedEngine.TimedOut() }
            sched_yield()
        }
    }
}
