import Foundation
import Testing
@testable import Server

enum HostileFiles {
    static let folder: URL? = {
        let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("shared/data/hostile")
        let folder = ProcessInfo.processInfo.environment["HOSTILE_FILES"].map { URL(fileURLWithPath: $0) } ?? beside
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// Files below a folder, in order.
    static func files(_ name: String) throws -> [URL] {
        guard let folder else { return [] }
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.appendingPathComponent(name).path).sorted()
        return names.map { folder.appendingPathComponent(name).appendingPathComponent($0) }
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
    }
}

/// Every file of the hostile collection is posted, and the server answers the next real request. The collection lies beside the
/// repository (HOSTILE_FILES, else ../shared/data/hostile); where it is absent the suite says so and passes nothing.
@Suite(.enabled(if: HostileFiles.folder != nil, "the hostile files are not on this machine"))
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
