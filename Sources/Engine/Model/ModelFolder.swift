import Foundation

/// A model folder on disk: `config.json` and the files of weights that it names.
struct ModelFolder {
    let config: ModelConfig
    private var files: [(part: Part, name: String, file: Result<SafetensorsFile, ModelError>)]

    enum Part: String, CaseIterable { case unet, controlnet, vae, fidediff }

    /// The files while a network is built from them.
    struct WeightFiles {
        let unet, controlnet, vae, fidediff: WeightFile

        var all: [WeightFile] { [unet, controlnet, vae, fidediff] }
    }

    /// - Parameter views: instead of the configuration's
    /// - Throws: `ModelError` when there is no usable `config.json`; trouble with weights shows in `check` and `load`
    init(at folder: URL, views: Int? = nil) throws {
        var config = try ModelConfig(at: folder)
        config.views = views ?? config.views
        try config.requireConsistency()
        self.init(at: folder, config: config)
    }

    /// The folder's weights under another configuration.
    init(at folder: URL, config: ModelConfig) {
        self.config = config
        files = Part.allCases.map { part in
            let name = config.files[part]
            do {
                return (part, name, .success(try SafetensorsFile(at: folder.appendingPathComponent(name), name: name)))
            } catch let error as ModelError {
                return (part, name, .failure(error))
            } catch {
                return (part, name, .failure(.unreadable(file: name, reason: error.localizedDescription)))
            }
        }
    }

    /// Builds the network from the headers alone.
    /// - Returns: the network without values, and everything that stands in the way of loading it
    func check() -> (network: FideDiff, problems: [ModelError]) {
        let weights = files(for: .check)
        let network = FideDiff(config, weights)
        return (network, openingErrors + weights.all.flatMap { $0.finish() })
    }

    /// - Throws: `ModelError` with everything that is wrong, before any weight is read
    func load() throws -> FideDiff {
        try ModelError.raise(check().problems)
        return FideDiff(config, files(for: .load))
    }

    /// Parts that are worth holding in memory where their files are large: those with more numbers in their matrices than in their layers'
    /// values.
    var heldParts: [Part] { config.control ? [.unet, .controlnet] : [.unet] }

    /// The folder with large files of these parts in memory, as they are stored.
    /// - Throws: `ModelError` where there is no room for one
    func holding(_ parts: [Part]) throws -> ModelFolder {
        var folder = self
        folder.files = try files.map { part, name, result in
            guard parts.contains(part), case .success(let file) = result, file.isLarge else { return (part, name, result) }
            return (part, name, .success(try file.held()))
        }
        return folder
    }

    /// Bytes that the large files of some parts have on disk.
    func largeBytes(_ parts: [Part]) -> Int {
        files.reduce(0) { sum, entry in
            guard parts.contains(entry.part), case .success(let file) = entry.file, file.isLarge else { return sum }
            return sum + file.size
        }
    }

    /// The parts whose files could be opened: name, file, number of tensors and of parameters.
    var parts: [(part: Part, file: String, tensors: Int, parameters: Int)] {
        files.compactMap { part, name, result in
            guard case .success(let file) = result else { return nil }
            return (part, name, file.entries.count, file.parameters)
        }
    }

    /// Bytes that all layers' numbers take in memory as float32: all but those of large files.
    var floatBytes: Int {
        files.reduce(0) { sum, entry in
            guard case .success(let file) = entry.file, !file.isLarge else { return sum }
            return sum + file.parameters * MemoryLayout<Float>.stride
        }
    }

    /// 16 hexadecimal digits that differ between models: of the configuration and every byte of the weights.
    var fingerprint: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Encoding plain numbers and strings cannot fail; an empty configuration would still leave the weights to tell models apart.
        let seed = Fingerprint.of((try? encoder.encode(config)) ?? Data(), seed: 0)
        let hash = files.reduce(seed) { hash, entry in
            guard case .success(let file) = entry.file else { return hash }
            return file.fingerprint(seed: hash)
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A file that the configuration does not use may be absent.
    private var openingErrors: [ModelError] {
        files.compactMap { part, _, result in
            guard case .failure(let error) = result, part != .controlnet || config.control else { return nil }
            return error
        }
    }

    func files(for purpose: WeightFile.Purpose) -> WeightFiles {
        func weightFile(_ part: Part) -> WeightFile {
            let file = files.first { $0.part == part }.flatMap { try? $0.file.get() }
            return WeightFile(file, name: config.files[part], purpose: purpose)
        }
        return WeightFiles(
            unet: weightFile(.unet), controlnet: weightFile(.controlnet), vae: weightFile(.vae), fidediff: weightFile(.fidediff))
    }
}

extension ModelConfig.Files {
    subscript(part: ModelFolder.Part) -> String {
        switch part {
        case .unet: unet
        case .controlnet: controlnet
        case .vae: vae
        case .fidediff: fidediff
        }
    }
}
