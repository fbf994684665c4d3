/// M (section 4.1, supplement C): the blurry picture -> the blur kernel at every position, m x m taps that sum to 1.
///
/// A U-Net without normalisation. The map is 361 numbers a position, 1.3 GB for 1280x720 at paper scale, so it is handed out in bands of rows
/// and never held whole: everything that reads it (T's pooling, F's projection onto the latent grid) works on bands.
struct KernelEstimator: Sendable {
    /// Rows of the kernel map.
    struct Band {
        let rows: Range<Int>
        /// `[m * m, rows.count, width]`, channel dy * m + dx
        let kernels: Tensor
    }

    let taps: Int
    /// Pixels along one side of a position of the map.
    let unshuffle: Int
    private let convIn, encode1, encode2: Convolution
    private let convOut: Linear
    private let center: [Convolution]
    private let decode1, decode2: Doubling
    private let autocorrelation: Autocorrelation?

    /// Values of the map that a core holds at a time (1 MiB, to stay in its second cache).
    private static let bandValues = 1 << 18

    init(_ scope: WeightScope, _ config: ModelConfig.KernelEstimator) {
        let (c1, c2, c3) = (config.channels[0], config.channels[1], config.channels[2])
        taps = config.m * config.m
        unshuffle = config.unshuffle
        convIn = Convolution(scope("conv_in"), 3 * unshuffle * unshuffle, c1)
        encode1 = Convolution(scope("encode1"), c1, c2, stride: 2)
        encode2 = Convolution(scope("encode2"), c2, c3, stride: 2)
        center = (0..<5).map { Convolution(scope("center.\($0)"), c3, c3) }
        decode1 = Doubling(scope("decode1"), c3, c2)
        decode2 = Doubling(scope("decode2"), c2 * 2, c1)
        convOut = Linear(scope("conv_out"), c1 * 2, taps, form: .convolution)
        autocorrelation = config.autocorrelation ? Autocorrelation(
            lags: GradientAutocorrelation(cell: config.cell, spacing: config.tapSpacing),
            local: Convolution(scope("autocorrelation"), GradientAutocorrelation.lags.count, c3, kernel: 1),
            context: Linear(scope("context"), GradientAutocorrelation.lags.count, 2 * c3),
            whole: center.indices.map { Linear(scope("whole.\($0)"), 2 * c3, c3) }) : nil
    }

    /// - Parameters:
    ///   - image: `[3, height, width]` in 0...1; sides are multiples of 4 * unshuffle
    ///   - context: of the picture that the image is a tile of; nil when it is the picture
    ///   - rowMultiple: bands hold a multiple of this many rows
    ///   - reduce: what is wanted of a band, on the core that made it; several at a time
    ///   - visit: takes the bands from top to bottom, each with what `reduce` gave
    func callAsFunction<Reduced>(
        _ image: Tensor, context: PictureContext?, rowMultiple: Int, reduce: (Band) -> Reduced, visit: (Band, Reduced) -> Void
    ) {
        let (decoded, skip) = features(image, context)
        let bands = (0..<skip.height).pieces(of: max(Self.bandValues / (taps * skip.width) / rowMultiple, 1) * rowMultiple)
        Parallel.inOrder(bands.count) { index in
            let both = Channels(rows: bands[index], of: decoded, skip) // [2 c1, rows, width]
            let band = Band(rows: bands[index], kernels: Ops.softmaxOverChannels(convOut(both)))
            return (band, reduce(band))
        } visit: { visit($1.0, $1.1) }
    }

    /// Adds what a tile shows to the picture's context.
    /// - Parameter counted: the rows and columns, in pixels of the tile, that it answers for
    func observe(_ image: Tensor, counted: (rows: Range<Int>, columns: Range<Int>), into context: inout PictureContext) {
        guard let lags = autocorrelation?.lags else { return }
        context.add(lags.cells(image), rows: counted.rows.divided(by: lags.cell), columns: counted.columns.divided(by: lags.cell))
    }

    /// The two halves of the last layer's input, each `[c1, height / unshuffle, width / unshuffle]`.
    private func features(_ image: Tensor, _ context: PictureContext?) -> (decoded: Tensor, skip: Tensor) {
        let x = Ops.affine(image, scale: 2, shift: -1)
        let h0 = convIn(Ops.pixelUnshuffle(x, by: unshuffle), activation: .relu)
        let h1 = encode1(h0, activation: .relu) // [c2, /2, /2]
        var h = encode2(h1, activation: autocorrelation == nil ? .relu : .identity) // [c3, /4, /4]
        var offsets = [Tensor?](repeating: nil, count: center.count)
        if let autocorrelation {
            let cells = autocorrelation.lags.cells(image)
            h = autocorrelation.local(autocorrelation.lags.local(cells), activation: .relu, addedTo: h)
            offsets = autocorrelation.offsets(context ?? PictureContext(of: cells))
        }
        for (conv, offset) in zip(center, offsets) { h = conv(h, offset: offset, activation: .relu) }
        h = Channels(decode1(h), h1).tensor // [2 c2, /2, /2]
        return (decode2(h), h0)
    }

    /// Floats alive at the peak, the picture among them.
    /// - Parameter positions: of the kernel map
    func memory(_ positions: Int) -> Int {
        let pixels = 3 * unshuffle * unshuffle * positions
        // The two halves of the last layer's input; decode2's product and its shuffle, and what F is told of the bands, are no larger than five.
        let halves = (decode2.outputs + convIn.outputs) * positions
        let band = min((Self.bandValues + taps * 1024) * Parallel.threads, taps * positions)
        return max(3 * pixels + convIn.memory(positions), pixels + 5 * halves + band)
    }

    /// - Parameter positions: of the kernel map
    func multiplyAdds(_ positions: Int) -> Int {
        convIn.multiplyAdds(positions) + encode1.multiplyAdds(positions / 4) + encode2.multiplyAdds(positions / 16)
            + center.reduce(0) { $0 + $1.multiplyAdds(positions / 16) } + decode1.multiplyAdds(positions / 16) + decode2.multiplyAdds(positions / 4)
            + convOut.multiplyAdds(positions)
            + observation(positions) + (autocorrelation?.multiplyAdds(positions / 16) ?? 0)
    }

    /// Multiplications with addition of `observe`.
    /// - Parameter positions: of the kernel map
    func observation(_ positions: Int) -> Int { autocorrelation?.lags.multiplyAdds(positions * unshuffle * unshuffle) ?? 0 }

    /// What the centre is told of repeating gradients: around each place, and over the whole picture.
    private struct Autocorrelation: Sendable {
        let lags: GradientAutocorrelation
        let local: Convolution
        let context: Linear
        let whole: [Linear]

        /// What the whole picture adds to each layer of the centre, `[c3, 1]`.
        func offsets(_ picture: PictureContext) -> [Tensor?] {
            let shown = context(picture.everywhere, activation: .relu)
            return whole.map { $0(shown) }
        }

        /// Without those of `lags`.
        /// - Parameter positions: of the centre
        func multiplyAdds(_ positions: Int) -> Int {
            local.multiplyAdds(positions) + context.multiplyAdds(1) + whole.reduce(0) { $0 + $1.multiplyAdds(1) }
        }
    }

    /// A transposed convolution, kernel 2, stride 2, and ReLU.
    private struct Doubling: Sendable {
        let weight, bias: Tensor

        init(_ scope: WeightScope, _ inputs: Int, _ outputs: Int) {
            weight = scope.tensor("weight", shape: [inputs, outputs, 2, 2])
            bias = scope.tensor("bias", shape: [outputs])
        }

        var outputs: Int { weight.shape[1] }

        func callAsFunction(_ x: Tensor) -> Tensor {
            Ops.transposedConvolution2x2(x, weight: weight, bias: bias, activation: .relu)
        }

        /// - Parameter positions: of the input
        func multiplyAdds(_ positions: Int) -> Int { weight.shape.reduce(1, *) * positions }
    }
}
