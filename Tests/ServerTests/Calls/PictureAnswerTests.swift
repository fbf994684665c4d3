import Foundation
import Storage
import Testing
@testable import Engine
@testable import Server

/// A picture with its tag, its conditions and its parts.
@Suite(.timeLimit(.minutes(60))) struct PictureAnswerTests {
    /// A service with one finished job.
    private func finished(_ format: ImageFormat = .png, _ query: String = "", picture: Data? = nil) throws -> (ServiceFixture, id: String) {
        let fixture = try ServiceFixture()
        let id = try fixture.submit(picture ?? ServicePictures.picture(60, 40, format: format), query)
        #expect(try fixture.finished(id).state == .succeeded)
        return (fixture, id)
    }

    @Test func conditionsAndRanges() throws {
        let (fixture, id) = try finished()
        for path in ["result", "result?format=jpeg", "input", "kernels?across=8"] {
            func get(_ fields: [String: String]) throws -> HTTPLoopbackClient.Answer {
                try fixture.call("GET", "/v1/jobs/\(id)/\(path)", fields: fields)
            }
            let whole = try get([:])
            #expect(whole.status == 200, "\(whole.text)")
            let tag = try #require(whole.fields["etag"]), modified = try #require(whole.fields["last-modified"])
            #expect(whole.fields["accept-ranges"] == "bytes")
            #expect(whole.fields["cache-control"] == "private, max-age=3600, immutable")
            #expect(try get([:]).body == whole.body, "the same bytes every time")

            for fields in [
                ["If-None-Match": tag], ["If-None-Match": "\"x\", W/\(tag)"], ["If-Modified-Since": modified], ["If-None-Match": "*"],
            ] {
                let answer = try get(fields)
                #expect(answer.status == 304 && answer.body.isEmpty && answer.fields["etag"] == tag && answer.fields["content-type"] == nil)
            }
            #expect(try get(["If-None-Match": "\"x\"", "If-Modified-Since": modified]).status == 200)
            #expect(try get(["If-Match": tag]).status == 200)
            let failed = try get(["If-Match": "\"x\""])
            #expect(try failed.status == 412 && failed.problem == "precondition_failed")

            let count = whole.body.count
            for (range, expected) in [
                ("bytes=0-9", 0..<10), ("bytes=10-", 10..<count), ("bytes=-7", count - 7..<count), ("bytes=5-99999999", 5..<count),
            ] {
                let part = try get(["Range": range])
                #expect(part.status == 206 && part.body == Array(whole.body[expected]))
                #expect(part.fields["content-range"] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/\(count)")
                #expect(part.fields["etag"] == tag)
            }
            #expect(try get(["Range": "bytes=0-1", "If-Range": tag]).status == 206)
            #expect(try get(["Range": "bytes=0-1", "If-Range": "\"x\""]).body == whole.body)
            #expect(try get(["Range": "bytes=0-1,3-4"]).body == whole.body)
            let beyond = try get(["Range": "bytes=\(count)-"])
            #expect(try beyond.status == 416 && beyond.problem == "range_not_satisfiable" && beyond.json["limit"] == .integer(count))
            #expect(beyond.fields["content-range"] == "bytes */\(count)")

            let head = try fixture.call("HEAD", "/v1/jobs/\(id)/\(path)", fields: ["Range": "bytes=0-1"])
            #expect(head.status == 200 && head.fields["content-length"] == String(count) && head.fields["etag"] == tag)
        }
    }
}
