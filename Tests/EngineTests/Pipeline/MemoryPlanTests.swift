@testable import Engine
import Foundation
import Testing

/// The plan against what a process takes is held by `make smoke`.
@Suite(.timeLimit(.minutes(60))) struct MemoryPlanTests {
    private func plan(_ model: String, _ width: Int, _ height: Int, bytesPerPixel: Int = 3) throws -> MemoryPlan {
        let folder = try ModelFolder(at: Fixtures.model(model))
        return MemoryPlan(folder.check().network, weights: folder.floatBytes, width: width, height: height, bytesPerPixel: bytesPerPixel)
    }

    @Test func itIsTheSumOfItsParts() throws {
        let plan = try plan("tiny-pixel", 64, 48)
        #expect(plan.picture == plan.photograph + plan.strip + plan.kernels + plan.layers + plan.scratch)
        #expect(plan.total == plan.picture + plan.weights + MemoryPlan.program)
        #expect(plan.weights == ModelReport(at: Fixtures.model("tiny-pixel"), width: 64, height: 48).parameters * 4)
        #expect(plan.strip == 0 && plan.layers > 0)
    }

    /// Above the tile limit only the photograph and a strip as wide as it grow.
    @Test func layersStopGrowingAtTheTileLimit() throws {
        let small = try plan("tiny-pixel", 64, 64), whole = try plan("tiny-pixel", 128, 128)
        #expect(whole.layers > 2 * small.layers && whole.layers <= 4 * small.layers && whole.strip == 0 && whole.kernels == 0)
        let wide = try plan("tiny-pixel", 1024, 1024), wider = try plan("tiny-pixel", 2048, 1024),
            higher = try plan("tiny-pixel", 1024, 2048)
        #expect([wide, wider, higher].allSatisfy { $0.layers <= whole.layers && $0.strip > 0 && $0.kernels > 0 })
        #expect(wider.strip == 2 * higher.strip && wider.kernels == higher.kernels)
        #expect(wider.photograph == 2 * wide.photograph)
        #expect(try plan("tiny-pixel", 1024, 1024, bytesPerPixel: 8).photograph * 3 == wide.photograph * 8)
    }

    /// With the plan's bytes for a picture it is deblurred, with one less it is refused with the number.
    @Test func whatDoesNotFitIsRefusedBeforeItIsDecoded() throws {
        let picture = try PhotographEncoder.encode(EngineTestPictures.textured(width: 64, height: 48)),
            needed = try plan("tiny-pixel", 64, 48)
        func deblurrer(_ memory: Int, pictures: Int = 1) throws -> Deblurrer {
            try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"), memory: memory, pictures: pictures)
        }
        #expect(try deblurrer(needed.total).deblur(picture).width == 64)
        #expect(try deblurrer(needed.total + needed.picture, pictures: 2).blurLevel(of: picture).timestep >= 0)
        let refusal = ImageError.tooMuchMemory(limit: needed.picture - 1, needed: needed.picture, width: 64, height: 48)
        let tight = try deblurrer(needed.total - 1)
        #expect(throws: refusal) { try tight.deblur(picture) }
        #expect(throws: refusal) { try tight.blurLevel(of: picture) }
        #expect(throws: refusal) { try tight.motionPicture(of: picture) }
        #expect("\(refusal)".contains("64x48 pixels needs \(needed.picture >> 20) MiB"))
        let taken = MemoryPlan.program + needed.weights
        #expect(throws: ModelError.tooMuchMemory(limit: taken, needed: taken)) { try deblurrer(taken) }
    }

    /// A preview needs the photograph as it was sent, and the layers of what is worked on alone.
    @Test func aPreviewIsPlannedByItsOwnSize() throws {
        let picture = try PhotographEncoder.encode(EngineTestPictures.textured(width: 128, height: 96)),
            whole = try plan("tiny-pixel", 128, 96)
        let needed = try MemoryPlan(
            ModelFolder(at: Fixtures.model("tiny-pixel")).check().network, weights: whole.weights, width: 64, height: 48,
            decodedPixels: 128 * 96)
        #expect(needed.photograph == whole.photograph && needed.layers < whole.layers)
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"), memory: needed.total)
        #expect(try deblurrer.deblur(picture, options: DeblurOptions(previewWidth: 64)).height == 48)
        #expect(throws: ImageError.tooMuchMemory(limit: needed.picture, needed: whole.picture, width: 128, height: 96)) {
            try deblurrer.deblur(picture)
        }
        let refusal = ImageError.tooMuchMemory(limit: needed.picture - 1, needed: needed.picture, width: 128, height: 96)
        let tight = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"), memory: needed.total - 1)
        #expect(throws: refusal) { try tight.deblur(picture, options: DeblurOptions(previewWidth: 64)) }
    }

    /// A folder whose UNet is in a file of 128 MiB of zeros, of which the disk keeps none.
    @Test func largeWeightsAreHeldWhereTheyTakeAtMostHalfOfTheMemory() throws {
        let directory = try TemporaryDirectory()
        for file in try FileManager.default.contentsOfDirectory(at: Fixtures.model("tiny"), includingPropertiesForKeys: nil) {
            try FileManager.default.copyItem(at: file, to: directory.url.appendingPathComponent(file.lastPathComponent))
        }
        let floats = try ModelFolder(at: directory.url).floatBytes, url = directory.url.appendingPathComponent("unet.safetensors")
        let header = #"{"large": {"dtype": "F16", "shape": [8192, 8200], "data_offsets": [0, 134348800]}}"#
        let start = SafetensorsBuilder.file(header: header, bodyBytes: 0), size = start.count + 134_348_800
        try start.write(to: url)
        try FileHandle(forWritingTo: url).truncate(atOffset: UInt64(size))

        let folder = try ModelFolder(at: directory.url)
        #expect(folder.largeBytes([.unet]) == size && folder.largeBytes([.controlnet, .vae, .fidediff]) == 0)
        func weights(_ held: Bool?, _ memory: Int) -> MemoryPlan.Weights { MemoryPlan.Weights(of: folder, held: held, memory: memory) }
        #expect(weights(nil, 2 * size).areHeld && weights(true, 0).areHeld && weights(nil, 2 * size).bytes == folder.floatBytes + size)
        for streamed in [weights(nil, 2 * size - 1), weights(false, .max)] {
            #expect(!streamed.areHeld && streamed.bytes == folder.floatBytes && folder.floatBytes < floats)
        }
        let held = try folder.holding(folder.heldParts)
        try FileManager.default.removeItem(at: url)
        #expect(held.largeBytes([.unet]) == size && held.fingerprint == folder.fingerprint)
    }
}
