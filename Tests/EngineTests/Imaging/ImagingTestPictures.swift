import Foundation
import TestSupport

@testable import Engine

/// Pictures and metadata of known content.
enum ImagingTestPictures {
    /// Smooth, without symmetry under any of the eight orientations, different in every channel.
    static func photograph(
        width: Int, height: Int, isGray: Bool = false, bitDepth: Int = 8, hasAlpha: Bool = false, format: ImageFormat = .png,
        metadata: PhotographMetadata = PhotographMetadata()
    ) -> Photograph {
        let channels = isGray ? 1 : 3
        let values = (0..<width * height * channels).map { index -> Double in
            let x = Double(index / channels % width) / Double(width)
            let y = Double(index / channels / width) / Double(height)
            let colours: [Double] = [0.1 + 0.8 * x, 0.9 - 0.7 * y, 0.2 + 0.3 * x + 0.4 * y * y]
            return colours[index % channels]
        }
        let alpha = (0..<width * height).map { Double($0 * 7 % 256) / 255 }
        return Photograph(
            width: width, height: height, isGray: isGray, format: format, samples: samples(values, bitDepth: bitDepth),
            alpha: hasAlpha ? samples(alpha, bitDepth: bitDepth) : nil, metadata: metadata)
    }

    /// Interleaved values, shape [height, width, channels], from the same closure that a `PNGBuilder` takes.
    static func interleaved(
        _ width: Int, _ height: Int, channels: Int = 1, _ sample: (_ x: Int, _ y: Int, _ channel: Int) -> Int
    ) -> [Int] {
        (0..<width * height * channels).map { sample($0 / channels % width, $0 / channels / width, $0 % channels) }
    }

    static func eight(_ values: [Int]) -> Samples { .eight(values.map { UInt8($0) }) }

    static func sixteen(_ values: [Int]) -> Samples { .sixteen(values.map { UInt16($0) }) }

    static func samples(_ values: [Double], bitDepth: Int) -> Samples {
        let integers = values.map { Int($0 * (bitDepth == 8 ? 255 : 65535)) }
        return bitDepth == 8 ? eight(integers) : sixteen(integers)
    }

    /// A little TIFF block: in the main directory a description ("a note"), the orientation, a link to an Exif directory with the pixel
    /// dimensions; behind it a thumbnail directory of no entries.
    static func exif(orientation: Int, width: Int = 640, height: Int = 480, littleEndian: Bool = true) -> Data {
        func integer(_ value: Int, _ bytes: Int) -> [UInt8] {
            let little = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return littleEndian ? little : little.reversed()
        }
        func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
            integer(tag, 2) + integer(type, 2) + integer(count, 4) + value
        }
        func short(_ value: Int) -> [UInt8] { integer(value, 2) + [0, 0] }
        let note = 50, exifDirectory = 58, thumbnail = exifDirectory + 2 + 2 * 12 + 4
        var tiff: [UInt8] = Array((littleEndian ? "II" : "MM").utf8) + integer(42, 2) + integer(8, 4)
        tiff += integer(3, 2)
        tiff += entry(0x010E, 2, 7, integer(note, 4))
        tiff += entry(0x0112, 3, 1, short(orientation))
        tiff += entry(0x8769, 4, 1, integer(exifDirectory, 4))
        tiff += integer(thumbnail, 4)
        tiff += Array("a note\0\0".utf8)
        tiff += integer(2, 2) + entry(0xA002, 4, 1, integer(width, 4)) + entry(0xA003, 4, 1, integer(height, 4)) + integer(0, 4)
        tiff += integer(0, 2) + integer(0, 4)
        return Data(tiff)
    }

    /// A profile that libpng takes: a header of 128 bytes, an empty tag table, then noise. `colourSpace` is "RGB ", "GRAY" or "CMYK".
    static func profile(colourSpace: String, count: Int = 600) -> Data {
        var bytes = [UInt8](repeating: 0, count: count)
        func put(_ value: [UInt8], at offset: Int) { bytes.replaceSubrange(offset..<offset + value.count, with: value) }
        put(Array(PNGBuilder.bigEndian(count)), at: 0)
        put([2, 0x40, 0, 0], at: 8)
        put(Array("mntr\(colourSpace)XYZ ".utf8), at: 12)
        put(Array("acsp".utf8), at: 36)
        put([0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D], at: 68)  // the illuminant D50
        for index in stride(from: 132, to: count, by: 1) { bytes[index] = UInt8(truncatingIfNeeded: index &* 37) }
        return Data(bytes)
    }

    /// Puts `segments` (marker, content) behind the SOI of a JPEG.
    static func jpeg(_ file: Data, inserting segments: [(marker: UInt8, content: Data)]) -> Data {
        segments.reversed().reduce(file) { file, segment in
            let length = segment.content.count + 2
            return file.prefix(2) + [0xFF, segment.marker, UInt8(length >> 8), UInt8(length & 255)] + segment.content + file.dropFirst(2)
        }
    }

    /// The largest and the mean difference of samples of the same shape, in steps of 8 bits.
    static func difference(_ a: Photograph, _ b: Photograph) -> (largest: Double, mean: Double) {
        let p = a.planes(x: 0, y: 0, width: a.width, height: a.height), q = b.planes(x: 0, y: 0, width: b.width, height: b.height)
        guard p.count == q.count else { return (.infinity, .infinity) }
        var largest: Float = 0, sum: Float = 0
        for (v, w) in zip(p, q) {
            largest = max(largest, abs(v - w))
            sum += abs(v - w)
        }
        return (Double(largest) * 255, Double(sum) / Double(p.count) * 255)
    }
}

/// Files of `TestData` that were made to break codecs.
enum HostileData {
    /// Name and content of every file of a folder but its licence, in order of name.
    /// - Throws: `TestData.Missing`
    static func files(_ name: String) throws -> [(name: String, data: Data)] {
        let folder = try TestData.folder("hostile/\(name)")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 != "LICENSE" }.sorted()
            .map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) }
    }
}
