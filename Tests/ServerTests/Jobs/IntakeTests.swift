import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Engine
@testable import Server

/// Photographs that are no use are refused before they are queued.
@Suite(.timeLimit(.minutes(60))) struct IntakeTests {
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
}
