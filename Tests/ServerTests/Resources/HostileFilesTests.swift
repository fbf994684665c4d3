import Foundation
import TestSupport
import Testing
@testable import Server

enum HostileFiles {
    /// Files below a folder of `TestData`, in order.
    /// - Throws: `TestData.Missing`
    static func files(_ name: String) throws -> [URL] {
        let folder = try TestData.folder("hostile/\(name)")
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted().map(folder.appendingPathComponent)
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
    }
}

/// Every file of the hostile collection is posted, and the server answers the next real request.
@Suite(.enabled(if: TestData.isExpected, TestData.reason), .timeLimit(.minutes(60)))
struct HostileFilesTests {
    /// What a picture may get. A picture with more pixels is refused: the tiny model is not there for speed.
    private static let answers: Set<Int> = [200, 400, 413, 415, 422]

    @Test(arguments: ["pngsuite", "exif", "libpng", "jpeg"])
    func picturesAreAnswered(collection: String) throws {
        let fixture = try ServiceFixture { $0.maxPixels = 4_096 }
        let files = try HostileFiles.files(collection)
        #expect(!files.isEmpty)
        var statuses: [Int: Int] = [:]
        for file in files {
            let answer = try fixture.call("POST", "/v1/deblur", body: Data(contentsOf: file))
            statuses[answer.status, default: 0] += 1
            #expect(Self.answers.contains(answer.status), "\(file.lastPathComponent): \(answer.status) \(answer.text)")
        }
        #expect(try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture()).status == 200, "\(statuses)")
        #expect(try fixture.jobs.list().jobs.allSatisfy(\.state.isFinal))
    }

    /// Bytes in the place of a request. Any answer will do, none too; what counts is the next request.
    @Test func requestsAreSurvived() throws {
        let fixture = try ServiceFixture { $0.maxPixels = 4_096 }
        let files = try HostileFiles.files("httpreq")
        #expect(!files.isEmpty)
        for file in files {
            let client = try HTTPLoopbackClient(port: fixture.port)
            client.send(Array(try Data(contentsOf: file)))
            client.finishSending()
            while let answer = try? client.answer(), answer.status >= 200 {}
            #expect(try fixture.call("GET", "/healthz").status == 200, "\(file.lastPathComponent)")
        }
        #expect(try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture()).status == 200)
    }
}
