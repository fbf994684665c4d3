import Foundation

/// What a model folder holds, what it costs to run, and what keeps it from being loaded.
public struct ModelReport: Sendable {
    public struct Part: Sendable, Equatable {
        public let name: String
        public let file: String
        public let tensors: Int
        public let parameters: Int
    }

    public struct Cost: Sendable, Equatable {
        public let part: String
        /// Multiplications with addition in matrix products and convolutions.
        public let multiplyAdds: Int
    }

    public let name: String
    /// Files that could be opened.
    public let parts: [Part]
    /// For one picture of the asked size, done in one piece; empty when the configuration cannot be read.
    public let costs: [Cost]
    /// For the same picture, in tiles where it is large; nil when the configuration cannot be read.
    public let memory: MemoryPlan?
    /// Empty when the folder can be loaded.
    public let problems: [ModelError]

    public var parameters: Int { parts.reduce(0) { $0 + $1.parameters } }
    public var multiplyAdds: Int { costs.reduce(0) { $0 + $1.multiplyAdds } }

    init(at folder: URL, views: Int? = nil, width: Int, height: Int, holdWeights: Bool? = nil) {
        do {
            let model = try ModelFolder(at: folder, views: views)
            let (network, problems) = model.check()
            name = model.config.name
            parts = model.parts.map { Part(name: $0.part.rawValue, file: $0.file, tensors: $0.tensors, parameters: $0.parameters) }
            costs = network.multiplyAdds(width: width, height: height).map { Cost(part: $0.part, multiplyAdds: $0.count) }
            let weights = MemoryPlan.Weights(of: model, held: holdWeights, memory: MachineMemory.bytes)
            memory = MemoryPlan(network, weights: weights.bytes, width: width, height: height)
            self.problems = problems
        } catch {
            name = folder.lastPathComponent
            parts = []
            costs = []
            memory = nil
            problems = (error as? ModelError)?.all ?? [.unreadable(file: ModelConfig.fileName, reason: error.localizedDescription)]
        }
    }
}
