import Foundation

/// What a model folder holds, what it costs to run, and what keeps it from being loaded.
package struct ModelReport: Sendable {
    package struct Part: Sendable, Equatable {
        package let name: String
        package let file: String
        package let tensors: Int
        package let parameters: Int
    }

    package struct Cost: Sendable, Equatable {
        package let part: String
        /// Multiplications with addition in matrix products and convolutions.
        package let multiplyAdds: Int
    }

    package let name: String
    /// The parts of the model whose files could be opened.
    package let parts: [Part]
    /// What each part costs for one picture of the asked size, done in one piece; empty when the configuration cannot be read.
    package let costs: [Cost]
    /// The memory for the same picture, in tiles where it is large; nil when the configuration cannot be read.
    package let memory: MemoryPlan?
    /// What is wrong with the folder; empty when it can be loaded.
    package let problems: [ModelError]

    package var parameters: Int { parts.reduce(0) { $0 + $1.parameters } }
    package var multiplyAdds: Int { costs.reduce(0) { $0 + $1.multiplyAdds } }

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
