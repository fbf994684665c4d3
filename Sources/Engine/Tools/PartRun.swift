import Foundation

/// One part of a network with its inputs, loaded alone and run again and again: what is timed beside other runtimes.
package struct PartRun {
    package enum Part: String, CaseIterable, Sendable {
        /// `image [3, H, W]` in -1...1 to the latent's mean.
        case encoder
        /// D: `latent` to the picture, about -1...1.
        case decoder
        /// `latent` and `timestep [1]` to the noise, without C.
        case unet
        /// `latent`, `timestep [1]` and `filtered`, what F adds, to the residuals in their order, the middle last.
        case controlnet
        /// `image [3, H, W]` in 0...1, sides multiples of the alignment, to the picture, in one piece.
        case whole
    }

    /// Multiplications with addition of one run.
    package let multiplyAdds: Int
    private let body: () throws -> [Tensor]

    /// - Parameters:
    ///   - model: a model folder, of which only this part is loaded
    ///   - inputs: a safetensors file with the tensors that `Part` names
    ///   - holdWeights: whether large files of U's and C's weights are held in memory, or each layer reads its own from disk
    /// - Throws: `ModelError`
    package init(_ part: Part, model: URL, inputs url: URL, threads: Int?, holdWeights: Bool = true) throws {
        Parallel.threads = threads ?? 0
        Heap.keepFreedMemory()
        var folder = try ModelFolder(at: model)
        let config = folder.config
        let file = try SafetensorsFile(at: url, name: url.lastPathComponent)
        func input(_ name: String) throws -> Tensor {
            guard let entry = file.entries[name] else { throw ModelError.missing(file: file.name, tensor: name, shape: []) }
            return file.tensor(entry)
        }
        /// The same where both sides are multiples of what the network halves them by.
        func input(_ name: String, alignedTo multiple: Int) throws -> Tensor {
            let x = try input(name), sides = x.shape.dropFirst().map { ($0 + multiple - 1) / multiple * multiple }
            guard sides == Array(x.shape.dropFirst()) else {
                throw ModelError.misshapen(file: file.name, tensor: name, expected: [x.channels] + sides, found: x.shape)
            }
            return x
        }
        try ModelError.raise(folder.check().problems)
        if holdWeights {
            let used: [Part: [ModelFolder.Part]] = [.unet: [.unet], .controlnet: [.controlnet], .whole: folder.heldParts]
            folder = try folder.holding(used[part] ?? [])
        }
        let files = folder.files(for: .load)
        switch part {
        case .encoder, .decoder:
            let autoencoder = VariationalAutoencoder(WeightScope(files.vae), config.vae),
                x = try input(part == .encoder ? "image" : "latent")
            if part == .encoder {
                multiplyAdds = autoencoder.multiplyAdds(x.positions).encode
                body = { [autoencoder.encode(x)] }
            } else {
                multiplyAdds = autoencoder.multiplyAdds(x.positions * config.vae.factor * config.vae.factor).decode
                body = { [autoencoder.decode(x)] }
            }
        case .unet:
            let unet = UNet(WeightScope(files.unet), config: config.unet, norm: config.normalization),
                prompt = FideDiff.prompt(config, files)
            let latent = try input("latent", alignedTo: 1 << (config.unet.levels - 1)), timestep = try Int(input("timestep").values[0])
            multiplyAdds = unet.multiplyAdds(latent.positions, promptTokens: config.promptTokens)
            body = { [unet(latent, timestep: timestep, prompt: prompt, control: nil)] }
        case .controlnet:
            let net = ControlNet(WeightScope(files.controlnet), config: config.unet, norm: config.normalization),
                prompt = FideDiff.prompt(config, files)
            let latent = try input("latent"), timestep = try Int(input("timestep").values[0]), filtered = try input("filtered")
            multiplyAdds = net.multiplyAdds(latent.positions, promptTokens: config.promptTokens, config: config.unet)
            body = { net(net.enter(latent), filtered: filtered, timestep: timestep, prompt: prompt).tensors }
        case .whole:
            let network = try folder.load(), restoration = Restoration(network: network),
                image = try input("image", alignedTo: config.alignment)
            multiplyAdds = network.multiplyAdds(width: image.width, height: image.height).reduce(0) { $0 + $1.count }
            body = { [try restoration.restore(image).output] }
        }
    }

    /// One run. - Returns: the values of each tensor that comes out
    /// - Throws: `DeblurError.numericalFault`
    package func callAsFunction() throws -> [[Float]] {
        try body().map(\.values)
    }
}
