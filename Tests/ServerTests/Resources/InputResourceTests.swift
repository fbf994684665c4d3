import Foundation
import Storage
import Testing
@testable import Engine
@testable import Server

/// GET /v1/jobs/{id}/input.
@Suite(.timeLimit(.minutes(60))) struct InputResourceTests {
    /// A service with one finished job.
    private func finished(_ format: ImageFormat = .png, _ query: String = "", picture: Data? = nil) throws -> (ServiceFixture, id: String) {
        let fixture = try ServiceFixture()
        let id = try fixture.submit(picture ?? ServicePictures.picture(60, 40, format: format), query)
        #expect(try fixture.finished(id).state == .succeeded)
        return (fixture, id)
    }

    @Test func theInputIsGivenBack() throws {
        let picture = try ServicePictures.picture(31, 47, format: .jpeg)
        let (fixture, id) = try finished(picture: picture)
        let answer = try fixture.call("GET", "/v1/jobs/\(id)/input")
        #expect(Data(answer.body) == picture && answer.fields["content-type"] == "image/jpeg" && answer.fields["fidediff-job"] == id)
        try fixture.blobs.remove(id: id)
        for path in ["input", "kernels"] {
            let gone = try fixture.call("GET", "/v1/jobs/\(id)/\(path)")
            #expect(try gone.status == 410 && gone.problem == "input_gone")
        }
    }
}
