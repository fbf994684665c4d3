/// M (section 4.1, supplement C): the blurry picture -> the blur kernel at every position, m x m taps that sum to 1.
///
/// A U-Net without normalisation on the pixels, its centre on the gradients' autocorrelation as well; or that centre alone. The map is 361
/// numbers a position, 1.3 GB for 1280x720 at paper scale, so it is handed out in bands of rows and never held whole: everything that reads
/// it (T's pooling, F's projection onto the latent grid) works on bands.
struct KernelEstimator: Sendable {
    /// Some rows of the kernel map, as they are made and handed on.
    struct Band {
        let rows: Range<Int>
        /// `[m * m, rows.count, width]`, channel dy * m + dx
        let kernels: Tensor
    }

    let taps: Int
    /// Pixels along one side of a position of the map.
    let stride: Int
    private let decoder: Decoder
    private let center: [Convolution]
    private let convOut: Linear
    private let autocorrelation: Autocorrelation?

    private enum Decoder: Sendable {
        /// A decoder that goes back up to the pixels: a kernel for each of them.
        case up(PixelEncoder, Doubling, Doubling)
        /// A decoder that stays on the centre's cells: a kernel for each of them.
        case level(Convolution, Convolution)
    }

    /// Values of the map that a core holds at a time (1 MiB, to stay in its second cache).
    private static let bandValues = 1 << 18

    init(_ scope: WeightScope, _ config: ModelConfig.KernelEstimator) {
        let (c1, c2, c3) = (config.channels[0], config.channels[1], config.channels[2])
        taps = config.m * config.m
        stride = config.stride
        let pixels = config.inputs.contains(.pixels)
        decoder =
            pixels
            ? .up(PixelEncoder(scope, config), Doubling(scope("decode1"), c3, c2), Doubling(scope("decode2"), c2 * 2, c1))
            : .level(Convolution(scope("decode1"), c3, c2, side: 1), Convolution(scope("decode2"), c2, c1, side: 1))
        center = (0..<5).map { Convolution(scope("center.\($0)"), c3, c3) }
        convOut = Linear(scope("conv_out"), pixels ? c1 * 2 : c1, taps, form: .convolution)
        let lags = GradientAutocorrelation(cell: config.cell, spacing: config.tapSpacing, compressed: config.inputs.contains(.compressed))
        autocorrelation =
            config.inputs.contains(.autocorrelation)
            ? Autocorrelation(
                lags: lags,
                local: Convolution(scope("autocorrelation"), lags.count, c3, side: 1),
                context: Linear(scope("context"), lags.count, 2 * c3),
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
        let bands = (0..<decoded.height).pieces(of: max(Self.bandValues / (taps * decoded.width) / rowMultiple, 1) * rowMultiple)
        Parallel.inOrder(bands.count) { index in
            let rows = bands[index]
            let last = skip.map { Channels(rows: rows, of: decoded, $0) } ?? Channels(rows: rows, of: decoded)  // [2 c1 or c1, rows, width]
            let band = Band(rows: rows, kernels: Ops.softmaxOverChannels(convOut(last)))
            return (band, reduce(band))
        } visit: {
            visit($1.0, $1.1)
        }
    }

    /// Adds what a tile shows to the picture's context.
    /// - Parameter counted: the rows and columns, in pixels of the tile, that it answers for
    func observe(_ image: Tensor, counted: (rows: Range<Int>, columns: Range<Int>), into context: inout PictureContext) {
        guard let lags = autocorrelation?.lags else { return }
        context.add(lags.cells(image), rows: counted.rows.divided(by: lags.cell), columns: counted.columns.divided(by: lags.cell))
    }

    /// The last layer's input, each part `[c1, height / stride, width / stride]`.
    private func features(_ image: Tensor, _ context: PictureContext?) -> (decoded: Tensor, skip: Tensor?) {
        switch decoder {
        case .up(let encoder, let decode1, let decode2):
            let (h0, h1) = encoder(image)
            let h = decode1(centre(image, encoder.encode2(h1, activation: autocorrelation == nil ? .relu : .identity), context))
            return (decode2(Channels(h, h1).tensor), h0)
        case .level(let decode1, let decode2):
            let h = decode1(centre(image, nil, context), activation: .relu)
            return (decode2(h, activation: .relu), nil)
        }
    }

    /// `[c3, height / cell, width / cell]`
    /// - Parameter encoded: the pixels at its own grid; nil where M sees none
    private func centre(_ image: Tensor, _ encoded: consuming Tensor?, _ context: PictureContext?) -> Tensor {
        var h = encoded, offsets = [Tensor?](repeating: nil, count: center.count)
        if let autocorrelation {
            let cells = autocorrelation.lags.cells(image)
            h = autocorrelation.local(autocorrelation.lags.local(cells), activation: .relu, addedTo: h)
            offsets = autocorrelation.offsets(context ?? PictureContext(of: cells))
        }
        guard var h else { preconditionFailure("M sees neither pixels nor their autocorrelation") }
        for (conv, offset) in zip(center, offsets) { h = conv(h, offset: offset, activation: .relu) }
        return h
    }

    /// Floats alive at the peak, the picture among them.
    /// - Parameter pixels: of the picture
    func memory(_ pixels: Int) -> Int {
        let positions = pixels / (stride * stride), band = min((Self.bandValues + taps * 1024) * Parallel.threads, taps * positions)
        switch decoder {
        case .up(let encoder, _, let decode2):
            // The two halves of the last layer's input; decode2's product and its shuffle, and what F is told of the bands, are no larger
            // than five.
            let halves = (decode2.outputs + encoder.convIn.outputs) * positions
            return max(9 * pixels + encoder.convIn.memory(positions), 3 * pixels + 5 * halves + band)
        case .level:
            return 3 * pixels + (autocorrelation?.memory(pixels) ?? 0) + band
        }
    }

    /// - Parameter pixels: of the picture
    func multiplyAdds(_ pixels: Int) -> Int {
        let positions = pixels / (stride * stride), cells: Int, outside: Int
        switch decoder {
        case .up(let encoder, let decode1, let decode2):
            cells = positions / 16
            outside = encoder.multiplyAdds(positions) + decode1.multiplyAdds(cells) + decode2.multiplyAdds(positions / 4)
        case .level(let decode1, let decode2):
            cells = positions
            outside = decode1.multiplyAdds(cells) + decode2.multiplyAdds(cells)
        }
        return outside + center.reduce(0) { $0 + $1.multiplyAdds(cells) } + convOut.multiplyAdds(positions)
            + observation(pixels) + (autocorrelation?.multiplyAdds(cells) ?? 0)
    }

    /// Multiplications with addition of `observe`.
    /// - Parameter pixels: of the picture
    func observation(_ pixels: Int) -> Int { autocorrelation?.lags.multiplyAdds(pixels) ?? 0 }

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

        /// Floats alive at the peak: at the taps' scale the grey picture, its two gradients, and those once more compressed; and all lags
        /// of the cells twice.
        /// - Parameter pixels: of the picture
        func memory(_ pixels: Int) -> Int {
            6 * pixels / (lags.spacing * lags.spacing) + 2 * lags.count * pixels / (lags.cell * lags.cell)
        }

        /// Without those of `lags`.
        /// - Parameter positions: of the centre
        func multiplyAdds(_ positions: Int) -> Int {
            local.multiplyAdds(positions) + context.multiplyAdds(1) + whole.reduce(0) { $0 + $1.multiplyAdds(1) }
        }
    }

    /// The way of the pixels down to the centre.
    private struct PixelEncoder: Sendable {
        let unshuffle: Int
        let convIn, encode1, encode2: Convolution

        init(_ scope: WeightScope, _ config: ModelConfig.KernelEstimator) {
            let (c1, c2, c3) = (config.channels[0], config.channels[1], config.channels[2])
            unshuffle = config.unshuffle
            convIn = Convolution(scope("conv_in"), 3 * unshuffle * unshuffle, c1)
            encode1 = Convolution(scope("encode1"), c1, c2, stride: 2)
            encode2 = Convolution(scope("encode2"), c2, c3, stride: 2)
        }

        /// - Returns: `[c1, height / unshuffle, width / unshuffle]`, and `[c2, ...]` of half its sides
        func callAsFunction(_ image: Tensor) -> (Tensor, Tensor) {
            let h0 = convIn(Ops.pixelUnshuffle(Ops.affine(image, scale: 2, shift: -1), by: unshuffle), activation: .relu)
            return (h0, encode1(h0, activation: .relu))
        }

        /// - Parameter positions: of the kernel map
        func multiplyAdds(_ positions: Int) -> Int {
            convIn.multiplyAdds(positions) + encode1.multiplyAdds(positions / 4) + encode2.multiplyAdds(positions / 16)
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
