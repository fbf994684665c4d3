import Testing

@testable import Server

@Suite(.timeLimit(.minutes(60))) struct WorkSettingsTests {
    @Test func limitsGrowWithPixelsAndViews() {
        var settings = WorkSettings()
        settings.secondsPerMegapixel = 10
        settings.leastSeconds = 60
        #expect(settings.limitSeconds(pixels: 1_000_000, views: 1) == 60)
        #expect(settings.limitSeconds(pixels: 50_000_000, views: 2) == 1_000)
    }
}
