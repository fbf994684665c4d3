import CKernels
import Foundation

/// One part of a network with its inputs, loaded alone and run again and again: what is timed beside other runtimes.
public struct PartRun {
    public enum Part: String, CaseIterable, Sendable {
        /// `image [3, H, W]` in -1...1 to the latent's mean.
        case encoder
        /// `latent` to the picture, about -1...1.
        case decoder
        /// `latent` and `timestep [1]` to the noise, without C.
        case unet
        /// `latent`, `timestep [1]` and `filtered`, what F adds, to the residuals in their order, the middle last.
        case controlnet
        /// `image [3, H, W]` in 0...1, sides multiples of the alignment, to the picture, in one piece.
        case whole
    }

    /// Multiplications with addition of one run.
    public let multiplyAdds: Int
    private let body: () throws -> [Tensor]

    /// - Parameters:
    ///   - model: a model folder, of which only this part is loaded
    ///   - inputs: a safetensors file with the tensors that `Part` names
    /// - Throws: `ModelError`
    public init(_ part: Part, model: URL, inputs url: URL, threads: Int?) throws {
        Parallel.threads = threads ?? 0
        ck_keep_freed_memory()
        let folder = try ModelFolder(at: model), config = folder.config
        let file = try SafetensorsFile(at: url, name: url.lastPathComponent)
        func input(_ name: String) throws -> Tensor {
            guard let entry = file.entries[name] else { throw ModelError.missing(file: file.name, tensor: name, shape: []) }
            return file.tensor(entry)
        }
        let norm: Normalization.Kind = config.norm == .pixel ? .pixel : .group(config.unet.normNumGroups)
        func prompt(_ files: ModelFolder.WeightFiles) -> Tensor {
            Ops.transposed(WeightScope(files.fidediff).tensor("prompt_embedding", shape: [config.promptTokens, config.unet.crossAttentionDim]))
        }
        try ModelError.raise(folder.check().problems)
        let files = folder.files(for: .load)
        switch part {
        case .encoder, .decoder:
            let autoencoder = VariationalAutoencoder(WeightScope(files.vae), config.vae), x = try input(part == .encoder ? "image" : "latent")
            if part == .encoder {
                multiplyAdds = autoencoder.multiplyAdds(x.positions).encode
                body = { [autoencoder.encode(x)] }
            } else {
                multiplyAdds = autoencoder.multiplyAdds(x.positions * config.vae.factor * config.vae.factor).decode
                body = { [autoencoder.decode(x)] }
            }
        case .unet:
            let unet = UNet(WeightScope(files.unet), config: config.unet, norm: norm), prompt = prompt(files)
            let latent = try input("latent"), timestep = try Int(input("timestep").values[0])
            multiplyAdds = unet.multiplyAdds(latent.positions, promptTokens: config.promptTokens)
            body = { [unet(latent, timestep: timestep, prompt: prompt, control: nil)] }
        case .controlnet:
            let net = ControlNet(WeightScope(files.controlnet), config: config.unet, norm: norm), prompt = prompt(files)
            let latent = try input("latent"), timestep = try Int(input("timestep").values[0]), filtered = try input("filtered")
            multiplyAdds = net.multiplyAdds(latent.positions, promptTokens: config.promptTokens, config: config.unet)
            body = {
                let residuals = net(net.enter(latent), filtered: filtered, timestep: timestep, prompt: prompt)
                return residuals.skips + [residuals.middle]
            }
        case .whole:
            let network = try folder.load(), image = try input("image")
            multiplyAdds = network.multiplyAdds(width: image.width, height: image.height).reduce(0) { $0 + $1.count }
            body = { [try OneStepSolution(network: network).restored(image)] }
        }
    }

    /// One run. - Returns: the values of all that comes out, one tensor after the other
    /// - Throws: `DeblurError.numericalFault`
    public func callAsFunction() throws -> [Float] {
        try body().flatMap(\.values)
    }
}

extension OneStepSolution {
    /// A picture in one piece, at the timestep that T reads from it.
    fileprivate func restored(_ image: Tensor) throws -> Tensor {
        let side = network.kernelEstimator.unshuffle, height = image.height / side, width = image.width / side
        var pool = KernelPool(taps: network.kernelEstimator.taps, height: height, width: width)
        let kernelInput = kernels(of: image, projecting: true) { band in
            pool.add(band.kernels, top: band.rows.lowerBound, left: 0, counted: (0..<height, 0..<width))
        }
        let timestep = TimestepPredictor.timestep(ofValue: network.timestepPredictor(pool))
        return try restored(image, kernelInput: kernelInput, timestep: timestep) { _ in }
    }
}
