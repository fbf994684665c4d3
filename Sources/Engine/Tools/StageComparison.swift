import Foundation

/// How far one stage of the network is from the PyTorch twin's.
package struct StageComparison: Sendable, Codable, Equatable {
    package let name: String
    /// Norm of the difference over the norm of the reference.
    package let relativeL2: Double
    package let maxAbs: Double

    init(name: String, _ value: Tensor, reference: Tensor) {
        var difference = 0.0, norm = 0.0, most = 0.0
        for (x, r) in zip(value.values, reference.values) {
            let d = Double(x) - Double(r)
            difference += d * d
            norm += Double(r) * Double(r)
            most = max(most, abs(d))
        }
        self.name = name
        relativeL2 = difference == 0 ? 0 : (difference / norm).squareRoot()
        // max() passes NaN by; the sum does not.
        maxAbs = difference.isNaN ? .nan : most
    }

    /// Runs the network on a recorded picture at the recorded timestep, and compares each stage with the recorded one.
    /// - Parameters:
    ///   - model: a model folder
    ///   - stages: a safetensors file with `image [3, H, W]` in 0...1, sides multiples of the model's alignment, `timestep [1]` and every
    ///     stage
    /// - Throws: `ModelError` when either cannot be read, or a stage has no counterpart; `DeblurError.numericalFault`
    static func compare(model: URL, stages url: URL) throws -> [StageComparison] {
        let network = try ModelFolder(at: model).load()
        let name = url.lastPathComponent
        let file = try SafetensorsFile(at: url, name: name)
        func recorded(_ stage: String, shape: [Int]) throws -> Tensor {
            guard let entry = file.entries[stage] else { throw ModelError.missing(file: name, tensor: stage, shape: shape) }
            guard entry.shape == shape else { throw ModelError.misshapen(file: name, tensor: stage, expected: shape, found: entry.shape) }
            return file.tensor(entry)
        }
        let shape = file.entries["image"]?.shape ?? [3, network.config.alignment, network.config.alignment]
        let alignment = network.config.alignment
        guard shape.count == 3, shape[0] == 3, shape[1] % alignment == 0, shape[2] % alignment == 0 else {
            throw ModelError.misshapen(file: name, tensor: "image", expected: [3, alignment, alignment], found: shape)
        }
        let image = try recorded("image", shape: shape)
        let timestep = try Int(recorded("timestep", shape: [1]).values[0])

        let run = try run(network, image, timestep: timestep)
        let unknown = Set(file.entries.keys).subtracting(run.map(\.name)).subtracting(["image"]).sorted()
        try ModelError.raise(unknown.map { .unused(file: name, tensor: $0, shape: file.entries[$0]?.shape ?? []) })
        return try run.map { stage in
            StageComparison(name: stage.name, stage.value, reference: try recorded(stage.name, shape: stage.value.shape))
        }
    }

    private static func run(_ network: FideDiff, _ image: Tensor, timestep: Int) throws -> [(name: String, value: Tensor)] {
        let recorder = StageRecorder()
        let restoration = Restoration(network: network)
        let piece = try restoration.restore(image, timestep: timestep, stages: recorder)
        recorder.record("timestep", Tensor(shape: [1], values: [Float(restoration.told(piece.prediction.timestep))]))
        let psnr = piece.reblur.psnr(photograph(piece.output), explains: photograph(image))
        recorder.record("reblur_psnr", Tensor(shape: [1], values: [Float(psnr)]))
        recorder.record("displacement", Tensor(shape: [1], values: [Float(Displacement.greatest(from: image, to: piece.output))]))
        return recorder.stages
    }

    /// 16 bits tell what the certificate needs to be told.
    private static func photograph(_ image: Tensor) -> Photograph {
        var photograph = Photograph(
            width: image.width, height: image.height, isGray: false, format: .png,
            samples: .sixteen([UInt16](repeating: 0, count: image.count)))
        photograph.setPlanes(image.values, x: 0, y: 0, width: image.width, height: image.height)
        return photograph
    }
}
