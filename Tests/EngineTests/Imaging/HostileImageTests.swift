import Foundation
import TestSupport
import Testing

@testable import Engine

/// Files made to break codecs: `TestData`. What decodes must be whole, what does not must say why, and nothing may crash.
@Suite(.enabled(if: TestData.isExpected, TestData.reason), .timeLimit(.minutes(60)))
struct HostileImageTests {
    /// Names of PngSuite files end in their content: interlaced or not, colour type, c or g or p or a, bit depth.
    @Test func everyValidPNGSuiteFileDecodesToItsSizeAndDepth() throws {
        var decoded = 0, small = 0
        for (name, data) in try HostileData.files("pngsuite") where !name.hasPrefix("x") {
            let fields = Array(name.dropLast(4).suffix(5))  // as in "n2c08"
            let colourType = try #require(fields[1].wholeNumberValue), depth = try #require(Int(String(fields[3...])))
            let info = try ImageInfo(of: data)
            #expect(info.format == .png && info.isGray == (colourType == 0 || colourType == 4), "\(name)")
            #expect(info.bitDepth == (colourType == 3 ? 8 : depth), "\(name)")
            #expect(info.hasAlpha == (colourType >= 4 || (name.hasPrefix("t") && !name.hasPrefix("tp0"))), "\(name)")
            if name.hasPrefix("s"), let side = Int(name.dropFirst().prefix(2)) {
                #expect((info.width, info.height) == (side, side), "\(name)")
            }
            guard min(info.width, info.height) >= ImageInfo.minimumSide else {
                #expect(throws: ImageError.tooSmall(minimumSide: 16, width: info.width, height: info.height), "\(name)") {
                    try PhotographDecoder.decode(data)
                }
                small += 1
                continue
            }
            let photograph = try PhotographDecoder.decode(data)
            #expect((photograph.width, photograph.height, photograph.isGray) == (info.width, info.height, info.isGray), "\(name)")
            #expect(photograph.bitDepth == max(info.bitDepth, 8) && (photograph.alpha != nil) == info.hasAlpha, "\(name)")
            #expect(try PhotographDecoder.decode(PhotographEncoder.encode(photograph)) == photograph, "\(name)")
            decoded += 1
        }
        #expect((decoded, small) == (140, 21))
    }

    @Test func everyCorruptPNGSuiteFileThrows() throws {
        let corrupt = try HostileData.files("pngsuite").filter { $0.name.hasPrefix("x") }
        #expect(corrupt.count == 14)
        for (name, data) in corrupt { #expect(throws: ImageError.self, "\(name)") { try PhotographDecoder.decode(data) } }
    }

    @Test func interlacedPNGSuiteFilesEqualTheirTwins() throws {
        let files = Dictionary(uniqueKeysWithValues: try HostileData.files("pngsuite").map { ($0.name, $0.data) })
        var compared = 0
        for (name, data) in files where name.hasPrefix("basi") {
            let twin = try #require(files["basn" + name.dropFirst(4)])
            #expect(try PhotographDecoder.decode(data) == PhotographDecoder.decode(twin), "\(name)")
            compared += 1
        }
        #expect(compared == 15)
    }

    @Test(arguments: ["libpng", "jpeg", "httpreq"]) func nothingCrashesAndEveryErrorIsAnImageError(folder: String) throws {
        for (name, data) in try HostileData.files(folder) {
            do {
                let photograph = try PhotographDecoder.decode(data, maxPixels: 4_000_000)
                let info = try ImageInfo(of: data)
                #expect((photograph.width, photograph.height) == (info.width, info.height), "\(name)")
            } catch is ImageError {
            } catch { Issue.record("\(name): \(error)") }
        }
    }

    @Test(arguments: ["Landscape", "Portrait"]) func allOrientationsShowTheSamePicture(kind: String) throws {
        let files = try HostileData.files("exif").filter { $0.name.hasPrefix(kind) }
        let pictures = try files.map { try reduced(PhotographDecoder.decode($0.data)) }
        #expect(pictures.count == 9)
        for (number, picture) in pictures.enumerated() {
            #expect((picture.width > picture.height) == (kind == "Landscape"))
            let (_, mean) = ImagingTestPictures.difference(picture, pictures[1])
            #expect(mean < 4, "\(kind)_\(number).jpg differs from \(kind)_1.jpg by \(mean) of 255")
        }
    }

    @Test func damagedCopiesOfARealPhotographAreSurvived() throws {
        let original = try #require(try HostileData.files("pngsuite").first { $0.name == "basn2c08.png" }).data
        let photograph = try PhotographDecoder.decode(original)
        let files = [original, try PhotographEncoder.encode(photograph, as: .jpeg), JPEGFixtures.progressive, JPEGFixtures.ycckInverted]
        var state: UInt64 = 88_172_645_463_325_252  // xorshift64: the same damage every time
        func random(below limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }
        for file in files {
            for _ in 0..<300 {
                var damaged = file
                for _ in 0...random(below: 4) { damaged[random(below: damaged.count)] = UInt8(random(below: 256)) }
                do { _ = try PhotographDecoder.decode(damaged, maxPixels: 1_000_000) } catch is ImageError {}
            }
        }
    }

    /// Every twelfth row and column: the difference of turned copies, each compressed on its own, is one of content.
    private func reduced(_ photograph: Photograph) -> Photograph {
        let step = 12, width = photograph.width / step, height = photograph.height / step
        guard case .eight(let samples) = photograph.samples else { return photograph }
        let kept = (0..<width * height * 3).map { index in
            let x = index / 3 % width * step, y = index / 3 / width * step
            return samples[(y * photograph.width + x) * 3 + index % 3]
        }
        return Photograph(width: width, height: height, isGray: false, format: .jpeg, samples: .eight(kept))
    }
}
