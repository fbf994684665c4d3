/// The channels of one or more tensors one after the other, all of their positions or a band of rows: what concatenating them would copy.
package struct Channels: Sendable {
    private let tensors: [Tensor]
    /// The part of the tensors' positions that is seen.
    private let range: Range<Int>
    /// The shape of the concatenation.
    package let shape: [Int]

    /// - Parameter tensors: of the same shape but for their channels
    package init(_ tensors: Tensor...) { self.init(tensors) }

    package init(_ tensors: [Tensor]) {
        self.init(tensors, 0..<tensors[0].positions, Array(tensors[0].shape.dropFirst()))
    }

    /// - Parameter tensors: `[..., height, width]`, the same but for their channels
    package init(rows: Range<Int>, of tensors: Tensor...) {
        let width = tensors[0].width
        precondition(rows.upperBound <= tensors[0].height, "rows \(rows) of \(tensors[0].shape)")
        self.init(tensors, (rows.lowerBound * width)..<(rows.upperBound * width), [rows.count, width])
    }

    private init(_ tensors: [Tensor], _ range: Range<Int>, _ sides: [Int]) {
        precondition(tensors.allSatisfy { $0.shape.dropFirst() == tensors[0].shape.dropFirst() }, "channels of \(tensors.map(\.shape))")
        (self.tensors, self.range) = (tensors, range)
        shape = [tensors.reduce(0) { $0 + $1.channels }] + sides
    }

    package var count: Int { shape[0] }
    package var positions: Int { range.count }

    /// - Parameter body: takes the place of each channel's first value; a channel's values follow each other
    func read<Result>(_ body: ([UnsafePointer<Float>]) -> Result) -> Result {
        func read(_ rest: ArraySlice<Tensor>, _ places: [UnsafePointer<Float>]) -> Result {
            guard let tensor = rest.first else { return body(places) }
            return tensor.read { values in
                read(rest.dropFirst(), places + (0..<tensor.channels).map { values + $0 * tensor.positions + range.lowerBound })
            }
        }
        return read(tensors[...], [])
    }

    /// Ranges of channels that lie in one tensor, `distance` from each to the next.
    var runs: [(channels: Range<Int>, distance: Int)] {
        var first = 0
        return tensors.map { tensor in
            defer { first += tensor.channels }
            return (first..<(first + tensor.channels), tensor.positions)
        }
    }

    /// The concatenation as a tensor of its own.
    package var tensor: Tensor {
        if tensors.count == 1 && range.count == tensors[0].positions { return tensors[0] }
        return .uninitialized(shape) { target in
            read { places in
                Parallel.ranges(count, grain: 1) {
                    for channel in $0 { (target + channel * positions).update(from: places[channel], count: positions) }
                }
            }
        }
    }
}
