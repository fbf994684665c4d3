import Foundation
import Storage
import Testing
@testable import Engine
@testable import Server

/// Pictures that are fetched: formats, conditions, ranges; and the options that they were made with.
@Suite(.timeLimit(.minutes(60))) struct ResultResourceTests {
    /// A service with one finished job.
    private func finished(_ format: ImageFormat = .png, _ query: String = "", picture: Data? = nil) throws -> (ServiceFixture, id: String) {
        let fixture = try ServiceFixture()
        let id = try fixture.submit(picture ?? ServicePictures.picture(60, 40, format: format), query)
        #expect(try fixture.finished(id).state == .succeeded)
        return (fixture, id)
    }

    @Test(arguments: [
        ("", "*/*", ImageFormat.png), ("", "image/*", .png), ("", "image/jpeg", .jpeg), ("", "image/png;q=0.5, image/jpeg", .jpeg),
        ("", "text/html, */*;q=0.1", .png), ("format=jpeg", "image/png", .jpeg), ("format=png", "", .png), ("", "not/an/accept", .png),
    ])
    func theFormatIsNegotiated(query: String, accept: String, expected: ImageFormat) throws {
        let (fixture, id) = try finished()
        for (method, path, body) in [
            ("GET", "/v1/jobs/\(id)/result", Data()), ("POST", "/v1/deblur", try ServicePictures.picture(60, 40)),
        ] {
            let answer = try fixture.call(method, path + (query.isEmpty ? "" : "?" + query), body: body, fields: ["Accept": accept])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.fields["content-type"] == expected.mediaType)
            let info = try ImageInfo(of: Data(answer.body))
            #expect(info.format == expected && info.width == 60 && info.height == 40)
        }
    }

    /// A question that no job could answer is refused as such, whatever became of this one.
    @Test func aWrongQuestionIsToldBeforeTheJobsState() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(failure: DeblurError.numericalFault(stage: "unet")))
        let id = try fixture.submit(ServicePictures.picture())
        _ = try fixture.finished(id)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result").problem == "job_failed")
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result?quality=best").problem == "invalid_parameter")
    }

    @Test func whatCannotBeGivenIsNotAcceptable() throws {
        let (fixture, id) = try finished()
        for (method, path, body) in [
            ("GET", "/v1/jobs/\(id)/result", Data()), ("POST", "/v1/deblur", try ServicePictures.picture()),
            ("GET", "/v1/jobs/\(id)/events", Data()),
            ("GET", "/v1/blur-levels", Data()),
        ] {
            let answer = try fixture.call(method, path, body: body, fields: ["Accept": "image/webp"])
            #expect(answer.status == 406)
            #expect(try answer.problem == "not_acceptable")
        }
        #expect(try fixture.jobs.list().jobs.count == 1, "nothing was accepted")
    }

    @Test func aLowerQualityIsSmallerAndNamedByItsTag() throws {
        let (fixture, id) = try finished(.jpeg)
        let stored = try fixture.call("GET", "/v1/jobs/\(id)/result")
        let same = try fixture.call("GET", "/v1/jobs/\(id)/result?quality=95")
        let low = try fixture.call("GET", "/v1/jobs/\(id)/result?quality=20")
        #expect(same.body == stored.body && same.fields["etag"] == stored.fields["etag"])
        #expect(low.body.count < stored.body.count && low.fields["etag"] != stored.fields["etag"])
        #expect(JPEGQuality.near(low.body, 20))
        // Asked for with the job it is encoded once.
        let (other, own) = try finished(.jpeg, "?quality=20")
        let direct = try other.call("GET", "/v1/jobs/\(own)/result")
        #expect(JPEGQuality.near(direct.body, 20))
        #expect(try other.call("GET", "/v1/jobs/\(own)/result?quality=20").body == direct.body)
        for query in ["quality=0", "quality=101", "format=webp", "quality=", "format=png&format=png"] {
            #expect(try fixture.call("GET", "/v1/jobs/\(id)/result?\(query)").problem == "invalid_parameter")
        }
    }

    @Test func everyLinkLeadsSomewhere() throws {
        let (fixture, id) = try finished()
        let links = try #require(try fixture.call("GET", "/v1/jobs/\(id)").json["links"]?.members)
        #expect(Set(links.keys) == ["self", "result", "input", "events", "kernels", "webhook"])
        #expect(links["webhook"] == .null, "there is none")
        for (name, link) in links where name != "events" && link != .null {
            #expect(try fixture.call("GET", #require(link.string)).status == 200, "\(name)")
        }
        #expect(try fixture.call("HEAD", #require(links["events"]?.string)).status == 200)
        for name in ["input", "events", "kernels", "webhook"] {
            #expect(try fixture.call("GET", "/v1/jobs/\(JobID.make())/\(name)").status == 404)
        }
    }

    @Test func strengthAndPreviewAreFollowedAndShown() throws {
        let fixture = try ServiceFixture()
        let picture = try ServicePictures.picture(60, 40)
        func deblur(_ query: String) throws -> Photograph {
            let answer = try fixture.call("POST", "/v1/deblur?" + query, body: picture)
            #expect(answer.status == 200, "\(answer.text)")
            return try PhotographDecoder.decode(Data(answer.body))
        }
        let original = try PhotographDecoder.decode(picture)
        #expect(try deblur("strength=0").samples == original.samples)
        #expect(try deblur("strength=0.5").samples != deblur("strength=1").samples)
        #expect(try deblur("strength=0.5").samples == deblur("strength=5e-1").samples)
        let preview = try deblur("preview=30")
        #expect((preview.width, preview.height) == (30, 20))

        let id = try fixture.submit(picture, "?preview=30&strength=0.25&metadata=strip-gps&format=jpeg&quality=80")
        _ = try fixture.finished(id)
        let job = try fixture.call("GET", "/v1/jobs/\(id)").json
        #expect(
            job["options"]
                == .object([
                    "strength": .number(0.25), "metadata": .string("strip-gps"), "preview": .integer(30), "format": .string("jpeg"),
                    "quality": .integer(80),
                ]))
        #expect(
            job["output"]?["width"] == .integer(30) && job["output"]?["height"] == .integer(20) && job["input"]?["width"] == .integer(60))
        #expect(job["output"]?["format"] == .string("jpeg"))
    }

    @Test func metadataIsKeptOrStripped() throws {
        var photograph = try PhotographDecoder.decode(ServicePictures.picture(60, 40))
        let exif = Data([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x0E, 1, 2, 0, 3, 0, 0, 0, 0x68, 0x69, 0, 0, 0, 0, 0, 0])
        photograph.metadata = PhotographMetadata(exif: exif)
        let fixture = try ServiceFixture(), picture = try PhotographEncoder.encode(photograph)
        for (choice, expected) in [("keep", exif), ("strip-gps", exif), ("strip", nil)] as [(String, Data?)] {
            let answer = try fixture.call("POST", "/v1/deblur?metadata=\(choice)", body: picture)
            #expect(try PhotographDecoder.decode(Data(answer.body)).metadata.exif == expected, "\(choice)")
        }
    }

    @Test(arguments: [
        "strength=1.01", "strength=-0.1", "strength=nan", "strength=1e1", "strength=0x1p0", "strength=1e", "strength=", "strength=0,5",
        "metadata=all", "preview=15", "preview=8193",
        "preview=x", "format=gif", "quality=0", "strength=1&strength=1",
    ])
    func otherOptionsAreRefused(query: String) throws {
        let fixture = try ServiceFixture()
        for path in ["/v1/jobs", "/v1/deblur"] {
            let answer = try fixture.call("POST", "\(path)?\(query)", body: ServicePictures.picture())
            #expect(answer.status == 400)
            #expect(try answer.problem == "invalid_parameter")
        }
        #expect(try fixture.jobs.list().jobs.isEmpty)
    }

    @Test func optionsComeBackFromTheDatabase() throws {
        let options = try JobOptions([
            ("strength", "0.3"), ("metadata", "strip"), ("preview", "640"), ("format", "jpeg"), ("quality", "77"), ("timestep", "12"),
        ])
        #expect(try JobOptions(stored: options.stored, timestep: 12) == options)
        // As the first version stored them.
        #expect(try JobOptions(stored: "{}", timestep: nil) == JobOptions())
        #expect(throws: Problem.self) { try JobOptions(stored: #"{"metadata":"some"}"#, timestep: nil) }
    }
}
