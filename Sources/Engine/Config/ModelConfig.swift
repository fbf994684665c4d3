import Foundation

/// `config.json` of a model folder: every size of the network, in the names of its keys. Nothing has a default; unknown and missing keys
/// are errors.
package struct ModelConfig: Codable, Sendable, Equatable {
    package var format: String
    package var name: String
    package var files: Files
    /// 2: the picture is enlarged by bicubic interpolation before the encoder and reduced by 2x2 means after the decoder.
    package var enlarge: Int
    package var norm: Norm
    package var prediction: Prediction
    /// Whether F and C take part; without them the controlnet file and the tensors `filter.*` are not looked at.
    package var control: Bool
    /// Below this timestep T finds a picture sharp. It is returned as it is if U moves it by less than `sharp_displacement`.
    package var sharpBelow: Int
    /// From `sharp_below` to below this timestep T is in doubt: such a picture, too, is returned as it is if U moves it by less than
    /// `still_displacement`. 0 returns no picture as it is.
    package var doubtfulBelow: Int
    /// Pixels, as `Displacement` measures them.
    package var sharpDisplacement, stillDisplacement: Double
    /// The least timestep that U is told of a picture that T finds blurred, unless a caller names one.
    package var leastTimestep: Int
    /// At how many sizes a picture is restored, each half of the one before: U is also given what the next smaller one became.
    package var scales: Int
    /// In how many orientations a picture is restored; the result is their mean.
    package var views: Int
    package var unet: UNet
    package var vae: VAE
    package var kernelEstimator: KernelEstimator
    package var timestepPredictor: TimestepPredictor
    package var promptTokens: Int
    package var tile: Tile

    /// The paths of the weight files, relative to the model's folder.
    package struct Files: Codable, Sendable, Equatable {
        package var unet, controlnet, vae, fidediff: String
    }

    /// What UNet and ControlNet normalise over: groups of channels and the whole picture, or the channels at each position.
    package enum Norm: String, Codable, Sendable { case group, pixel }

    /// What U's output U means. epsilon: the noise e itself. residual: e = U + z_t (1 - sqrt(abar)) / sqrt(1 - abar), so that U = 0 returns
    /// the input.
    package enum Prediction: String, Codable, Sendable { case epsilon, residual }

    package struct UNet: Codable, Sendable, Equatable {
        package var inChannels, outChannels: Int
        package var blockOutChannels: [Int]
        package var layersPerBlock: Int
        package var downBlockTypes: [String]
        package var midBlockType: String
        package var upBlockTypes: [String]
        package var onlyCrossAttention: [Bool]
        /// The NUMBER of heads of each level; the name is a slip of diffusers that its files keep.
        package var attentionHeadDim: [Int]
        package var crossAttentionDim: Int
        package var normNumGroups: Int
        package var useLinearProjection: Bool

        package var levels: Int { blockOutChannels.count }
    }

    package struct KernelEstimator: Codable, Sendable, Equatable {
        package var m: Int
        package var channels: [Int]
        package var unshuffle, tapSpacing: Int
        package var inputs: [Input]

        /// What M sees. autocorrelation: how far gradients repeat themselves, around each place and over the whole picture; compressed: the
        /// same of gradients that are compressed, so that weak edges have a say.
        package enum Input: String, Codable, Sendable { case pixels, autocorrelation, compressed }

        /// Pixels along one side of a position of M's centre.
        package var cell: Int { 4 * unshuffle }
        /// Pixels along one side of a position of the kernel map: M's decoder goes back up to the pixels that it was given, if any.
        package var stride: Int { inputs.contains(.pixels) ? unshuffle : cell }
    }

    package struct TimestepPredictor: Codable, Sendable, Equatable {
        package var width, hidden: Int
    }

    /// Pictures of at most `maxPixels` are done in one piece; larger ones in tiles of `size` that share `overlap` pixels.
    package struct Tile: Codable, Sendable, Equatable {
        package var maxPixels, size, overlap: Int
    }

    package static let fileName = "config.json"

    /// Reads and checks `config.json`.
    /// - Throws: `ModelError` naming the key that is wrong
    package init(at folder: URL) throws {
        let data: Data
        do { data = try Data(contentsOf: folder.appendingPathComponent(Self.fileName)) } catch {
            throw ModelError.unreadable(file: Self.fileName, reason: error.localizedDescription)
        }
        try self.init(json: data)
    }

    package init(json data: Data) throws {
        func invalid(_ path: [any CodingKey], _ reason: String) -> ModelError {
            .invalidConfiguration(
                file: Self.fileName, key: path.isEmpty ? "(top level)" : path.map(\.snakeCase).joined(separator: "."), reason: reason)
        }
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(ModelConfig.self, from: data)
        } catch DecodingError.keyNotFound(let key, let context) {
            throw invalid(context.codingPath + [key], "is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(
            let context)
        {
            throw invalid(context.codingPath, context.debugDescription)
        }
        try refuseUnknownKeys(data)
        try requireConsistency()
    }

    /// - Throws: `ModelError` naming each key that contradicts another or asks for what this engine does not compute
    func requireConsistency() throws {
        try ModelError.raise(contradictions().map { .invalidConfiguration(file: Self.fileName, key: $0.key, reason: $0.reason) })
    }

    /// Writing the decoded values out again shows which keys have a place.
    private func refuseUnknownKeys(_ data: Data) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let known = try JSONSerialization.jsonObject(with: encoder.encode(self)), given = try JSONSerialization.jsonObject(with: data)
        let unknown = Self.keys(of: given).subtracting(Self.keys(of: known)).sorted()
        try ModelError.raise(unknown.map { .invalidConfiguration(file: Self.fileName, key: $0, reason: "is not a key of this format") })
    }

    private static func keys(of json: Any, under path: String = "") -> Set<String> {
        guard let object = json as? [String: Any] else { return [] }
        return object.reduce(into: []) { keys, member in
            let key = path + member.key
            keys.formUnion(Set([key]).union(Self.keys(of: member.value, under: key + ".")))
        }
    }
}

extension CodingKey {
    /// `layersPerBlock` as the file has it, `layers_per_block`.
    fileprivate var snakeCase: String {
        if let intValue { return String(intValue) }
        return stringValue.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}
