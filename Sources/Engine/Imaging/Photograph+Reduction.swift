/// A photograph made smaller, by the mean of the area that each new pixel covers.
extension Photograph {
    /// The size of this picture reduced to a width: the same shape, no side below `ImageInfo.minimumSide`, never larger than it is.
    static func reducedSize(width: Int, height: Int, toWidth wanted: Int) -> (width: Int, height: Int) {
        let minimum = ImageInfo.minimumSide
        guard wanted < width, min(width, height) >= minimum else { return (width, height) }
        // Narrow enough for the wish, and high enough for the model.
        let scale = max(Double(wanted) / Double(width), Double(minimum) / Double(min(width, height)))
        return (max(Int((Double(width) * scale).rounded()), minimum), max(Int((Double(height) * scale).rounded()), minimum))
    }

    /// Each pixel is the mean of the area that it covers, transparency included. Width and height in the Exif follow.
    func reduced(toWidth wanted: Int) -> Photograph {
        let size = Self.reducedSize(width: width, height: height, toWidth: wanted)
        guard size.width < width || size.height < height else { return self }
        var metadata = metadata.withoutThumbnails()
        metadata.exif = metadata.exif.flatMap { Exif($0)?.withDimensions(width: size.width, height: size.height) ?? $0 }
        return Photograph(
            width: size.width, height: size.height, isGray: isGray, format: format, samples: reduced(samples, channels: channels, to: size),
            alpha: alpha.map { reduced($0, channels: 1, to: size) }, metadata: metadata)
    }

    private func reduced(_ samples: Samples, channels: Int, to size: (width: Int, height: Int)) -> Samples {
        switch samples {
        case .eight(let values): .eight(reduced(values, channels: channels, to: size))
        case .sixteen(let values): .sixteen(reduced(values, channels: channels, to: size))
        }
    }

    private func reduced<Sample: FixedWidthInteger & UnsignedInteger>(_ values: [Sample], channels: Int, to size: (width: Int, height: Int))
        -> [Sample]
    {
        let columns = Self.coverage(of: width, by: size.width), rows = Self.coverage(of: height, by: size.height)
        var result = [Sample](repeating: 0, count: size.width * size.height * channels)
        var sums = [Float](repeating: 0, count: width * channels)  // one row of the result, still of the full width
        values.withUnsafeBufferPointer { values in
            for (y, row) in rows.enumerated() {
                for index in sums.indices { sums[index] = 0 }
                for (offset, weight) in row.weights.enumerated() {
                    let start = (row.first + offset) * width * channels
                    for index in sums.indices { sums[index] += weight * Float(values[start + index]) }
                }
                for (x, column) in columns.enumerated() {
                    for channel in 0..<channels {
                        var sum: Float = 0
                        for (offset, weight) in column.weights.enumerated() {
                            sum += weight * sums[(column.first + offset) * channels + channel]
                        }
                        result[(y * size.width + x) * channels + channel] = Sample(min(sum + 0.5, Float(Sample.max)))
                    }
                }
            }
        }
        return result
    }

    /// Which of `count` pixels each of `parts` equal parts covers, and how much of itself each pixel gives; the weights of a part sum to 1.
    private static func coverage(of count: Int, by parts: Int) -> [(first: Int, weights: [Float])] {
        let size = Double(count) / Double(parts)
        return (0..<parts).map { part in
            let start = Double(part) * size, end = min(start + size, Double(count))
            let first = Int(start), last = min(Int(end.rounded(.up)), count)
            let weights = (first..<max(last, first + 1)).map { Float((min(Double($0) + 1, end) - max(Double($0), start)) / (end - start)) }
            return (first, weights)
        }
    }
}
