import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Engine
@testable import Server

/// A photograph as it is sent: raw, or in a form.
@Suite(.timeLimit(.minutes(60))) struct PictureUploadTests {
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
}
