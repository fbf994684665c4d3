/// Colours that nobody sees: those under an alpha of 0.
extension Photograph {
    /// Pixels of a side of the blocks whose visible colours are averaged.
    private static let block = 4

    /// Gives hidden pixels the colours of visible ones near them, so that what lies under transparency changes nothing that is seen: an
    /// editor's black there would be an edge to the network, and would bleed into a reduced picture.
    ///
    /// Push and pull (Gortler et al.: "The Lumigraph", 1996, 3.2): the visible colours' means of 4x4 blocks, of 2x2 of these and so on; a hidden
    /// pixel takes what lies between the nearest blocks, and a block without any visible pixel what the level above says.
    mutating func fillHidden() {
        switch (samples, alpha) {
        case (.eight(var values), .eight(let alpha)) where alpha.contains(0):
            samples = .eight([])  // so that `values` alone holds the array, and it is changed in place
            fill(&values, alpha)
            samples = .eight(values)
        case (.sixteen(var values), .sixteen(let alpha)) where alpha.contains(0):
            samples = .sixteen([])
            fill(&values, alpha)
            samples = .sixteen(values)
        default: break
        }
    }

    private func fill<Sample: FixedWidthInteger & UnsignedInteger>(_ values: inout [Sample], _ alpha: [Sample]) {
        var levels = [Self.blocks(of: values, alpha, width: width, height: height, channels: channels)]
        while let last = levels.last, last.width > 1 || last.height > 1 { levels.append(last.halved()) }
        guard levels.last?.weights.first.map({ $0 > 0 }) == true else { return }  // nothing is seen at all
        for index in levels.indices.dropLast().reversed() { levels[index].fill(from: levels[index + 1], factor: 2) }
        for y in 0..<height {
            for x in 0..<width where alpha[y * width + x] == 0 {
                for channel in 0..<channels {
                    let value = levels[0].value(x: x, y: y, channel: channel, factor: Self.block)
                    values[(y * width + x) * channels + channel] = Sample(min(value + 0.5, Float(Sample.max)))
                }
            }
        }
    }

    private static func blocks<Sample: FixedWidthInteger & UnsignedInteger>(
        of values: [Sample], _ alpha: [Sample], width: Int, height: Int, channels: Int
    ) -> HiddenLevel {
        var level = HiddenLevel(width: (width + block - 1) / block, height: (height + block - 1) / block, channels: channels)
        for y in 0..<height {
            for x in 0..<width where alpha[y * width + x] > 0 {
                let to = y / block * level.width + x / block
                level.weights[to] += 1
                for channel in 0..<channels { level.means[to * channels + channel] += Float(values[(y * width + x) * channels + channel]) }
            }
        }
        level.divide()
        return level
    }
}

/// The visible colours of a photograph, made small.
private struct HiddenLevel {
    let width, height, channels: Int
    /// `[height, width, channels]`, of samples' own scale.
    var means: [Float]
    /// `[height, width]`; 0 = nothing is seen there.
    var weights: [Float]

    init(width: Int, height: Int, channels: Int) {
        (self.width, self.height, self.channels) = (width, height, channels)
        means = [Float](repeating: 0, count: width * height * channels)
        weights = [Float](repeating: 0, count: width * height)
    }

    /// Sums become means, counts become 1.
    mutating func divide() {
        for index in weights.indices where weights[index] > 0 {
            for channel in 0..<channels { means[index * channels + channel] /= weights[index] }
            weights[index] = 1
        }
    }

    func halved() -> HiddenLevel {
        var result = HiddenLevel(width: (width + 1) / 2, height: (height + 1) / 2, channels: channels)
        for y in 0..<height {
            for x in 0..<width where weights[y * width + x] > 0 {
                let to = y / 2 * result.width + x / 2, from = y * width + x
                result.weights[to] += 1
                for channel in 0..<channels { result.means[to * channels + channel] += means[from * channels + channel] }
            }
        }
        result.divide()
        return result
    }

    /// Where nothing is seen, takes the level above.
    mutating func fill(from above: HiddenLevel, factor: Int) {
        for y in 0..<height {
            for x in 0..<width where weights[y * width + x] == 0 {
                for channel in 0..<channels {
                    means[(y * width + x) * channels + channel] = above.value(x: x, y: y, channel: channel, factor: factor)
                }
            }
        }
    }

    /// Between the four nearest, by distance: at a place of a picture that is `factor` times as large.
    func value(x: Int, y: Int, channel: Int, factor: Int) -> Float {
        let (left, right, across) = Self.neighbours(of: x, factor: factor, count: width)
        let (top, bottom, down) = Self.neighbours(of: y, factor: factor, count: height)
        func at(_ x: Int, _ y: Int) -> Float { means[(y * width + x) * channels + channel] }
        let upper = at(left, top) + across * (at(right, top) - at(left, top))
        let lower = at(left, bottom) + across * (at(right, bottom) - at(left, bottom))
        return upper + down * (lower - upper)
    }

    private static func neighbours(of position: Int, factor: Int, count: Int) -> (Int, Int, Float) {
        let place = (Float(position) + 0.5) / Float(factor) - 0.5, first = Int(place.rounded(.down))
        return (min(max(first, 0), count - 1), min(max(first + 1, 0), count - 1), place - Float(first))
    }
}
