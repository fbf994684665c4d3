@testable import Engine
import Foundation
import Synchronization
import Testing

/// The engine's public interface, from file to file.
@Suite(.timeLimit(.minutes(60))) struct DeblurrerTests {
    @Test(arguments: ["tiny", "tiny-pixel", "tiny-lags"], [[16, 16], [17, 16], [16, 33], [31, 47], [64, 48]])
    func everySizeComesBackAsItWas(model: String, size: [Int]) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model(model))
        let photograph = EngineTestPictures.textured(width: size[0], height: size[1])
        var timesteps: [Int] = [], progress: [Double] = []
        let picture = try deblurrer.deblur(PhotographEncoder.encode(photograph)) {
            timesteps.append($0)
        } onProgress: {
            progress.append($0)
        }
        let result = try PhotographDecoder.decode(picture.data)
        #expect([result.width, result.height] == size && [picture.width, picture.height] == size && picture.format == .png)
        #expect(result != photograph)
        #expect(timesteps == [picture.predictedTimestep] && picture.usedTimestep == picture.predictedTimestep)
        #expect(progress.last == 1 && progress == progress.sorted() && Set(progress).count == progress.count)
        #expect(try deblurrer.blurLevel(of: PhotographEncoder.encode(photograph)).timestep == picture.predictedTimestep)
        #expect(picture.seconds.total >= picture.seconds.kernels + picture.seconds.diffusion)
    }

    @Test func optionsAreFollowed() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 40, height: 32))
        let own = try deblurrer.deblur(data)
        let other = try deblurrer.deblur(data, options: DeblurOptions(timestep: 280, format: .jpeg, quality: 90))
        #expect(other.predictedTimestep == own.predictedTimestep && other.usedTimestep == 280)
        #expect(other.format == .jpeg)
        #expect(try ImageInfo(of: other.data).format == .jpeg)
        #expect(try deblurrer.deblur(data, options: DeblurOptions(timestep: 280)).data != own.data)
        #expect(try deblurrer.deblur(data).data == own.data)
    }

    @Test(arguments: [0, 3, 20])
    func whatProgressThrowsStopsTheWork(after calls: Int) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.smooth(width: 200, height: 150))
        var count = 0
        #expect(throws: DeblurError.cancelled) {
            try deblurrer.deblur(
                data,
                onProgress: { _ in
                    count += 1
                    if count > calls { throw DeblurError.cancelled }
                })
        }
        #expect(count == calls + 1)
    }

    @Test func callsFromSeveralThreadsAgree() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 150, height: 140))
        let expected = try deblurrer.deblur(data).data
        let results = Mutex<[Data?]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let result = try? deblurrer.deblur(data).data
            results.withLock { $0.append(result) }
        }
        #expect(results.withLock { $0 } == [expected, expected, expected, expected])
    }

    @Test func picturesThatCannotBeReadAreRefused() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"), maxPixels: 1000)
        #expect(throws: ImageError.self) { try deblurrer.deblur(Data("no picture".utf8)) }
        let large = try PhotographEncoder.encode(EngineTestPictures.smooth(width: 40, height: 40))
        #expect(throws: ImageError.tooManyPixels(limit: 1000, found: 1600)) { try deblurrer.deblur(large) }
        #expect(throws: ImageError.self) {
            try deblurrer.blurLevel(of: PhotographEncoder.encode(EngineTestPictures.smooth(width: 15, height: 40)))
        }
    }

    @Test func modelsAreToldApart() throws {
        let models = try Fixtures.names.map { try Deblurrer(modelDirectory: Fixtures.model($0)) }
        #expect(Set(models.map(\.modelHash)).count == Fixtures.names.count)
        #expect(models.map(\.modelName) == ["tiny", "tiny-pixel", "tiny-lags", "tiny-pixel"])
        #expect(throws: ModelError.self) { try Deblurrer(modelDirectory: Fixtures.directory) }
    }
}
