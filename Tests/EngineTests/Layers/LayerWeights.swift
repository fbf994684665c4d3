import Foundation
@testable import Engine

/// Random weights of the names and shapes that a layer asks for, so that it can be held against its definition.
struct LayerWeights {
    private var tensors: [String: Tensor] = [:]

    /// The weight of a layer under its name in the file.
    subscript(_ name: String) -> Tensor { tensors[name] ?? Tensor(zeros: [0]) }

    var names: Set<String> { Set(tensors.keys) }

    /// - Parameters:
    ///   - seed: of the numbers
    ///   - make: builds the layer; called twice, first to hear what it asks for
    static func layer<Layer>(seed: UInt64, _ make: (WeightScope) -> Layer) throws -> (layer: Layer, weights: LayerWeights) {
        let empty = try SafetensorsFile(SafetensorsBuilder().data, name: "empty"), check = WeightFile(empty, name: "empty", purpose: .check)
        _ = make(WeightScope(check))
        var numbers = Numbers(seed: seed), weights = LayerWeights(), builder = SafetensorsBuilder()
        for problem in check.finish() {
            guard case .missing(_, let name, let shape) = problem else { throw problem }
            // As first weights are drawn: outputs stay about as large as inputs.
            let tensor = numbers.tensor(shape, scale: 1 / Float(max(shape.dropFirst().reduce(1, *), 4)).squareRoot())
            weights.tensors[name] = tensor
            builder.add(name, shape, floats: tensor.values)
        }
        let file = WeightFile(try SafetensorsFile(builder.data, name: "full"), name: "full", purpose: .load)
        let layer = make(WeightScope(file))
        try ModelError.raise(file.finish())
        return (layer, weights)
    }
}
