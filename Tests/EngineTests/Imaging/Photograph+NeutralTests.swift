import Testing

@testable import Engine

/// Grey content in three channels.
@Suite(.timeLimit(.minutes(60))) struct PhotographNeutralTests {
    private func photograph(_ values: [Int], bitDepth: Int = 8) -> Photograph {
        Photograph(
            width: values.count / 3, height: 1, isGray: false, format: .png,
            samples: bitDepth == 8 ? ImagingTestPictures.eight(values) : ImagingTestPictures.sixteen(values))
    }

    @Test func oneColouredSampleIsEnough() {
        #expect(photograph([1, 1, 1, 255, 255, 255]).isNeutral && photograph([700, 700, 700], bitDepth: 16).isNeutral)
        #expect(!photograph([1, 1, 1, 254, 255, 255]).isNeutral && !photograph([1, 1, 2], bitDepth: 16).isNeutral)
        #expect(!ImagingTestPictures.photograph(width: 4, height: 4, isGray: true).isNeutral, "there is only one channel")
    }

    @Test func theMeanIsRounded() {
        var eight = photograph([1, 2, 4, 255, 255, 254, 0, 0, 1])
        eight.neutralise()
        #expect(eight.samples == ImagingTestPictures.eight([2, 2, 2, 255, 255, 255, 0, 0, 0]))
        var sixteen = photograph([65535, 65534, 65535], bitDepth: 16)
        sixteen.neutralise()
        #expect(sixteen.samples == ImagingTestPictures.sixteen([65535, 65535, 65535]) && sixteen.isNeutral)
    }
}
