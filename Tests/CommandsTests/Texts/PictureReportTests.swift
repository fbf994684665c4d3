import Commands
import Engine
import Testing

/// One picture's line, for a person and for a program.
@Suite(.timeLimit(.minutes(60))) struct PictureReportTests {
    private static let deblurred = PictureReport(
        input: "in/a.png", output: "out/a.png", motion: .init(path: "out/a-kernels.png", scale: 2.5), width: 640, height: 360,
        level: BlurLevel(timestep: 100), isUnchanged: false, reblurPSNR: 41.2349, seconds: 0.98765)
    private static let measured = PictureReport(
        input: "a.png", output: nil, width: 16, height: 16, level: BlurLevel(timestep: 37), seconds: 0.01)

    @Test func aPersonReadsWords() throws {
        #expect(
            try Self.deblurred.line(json: false)
                == "in/a.png -> out/a.png: 640x360, blur moderate, timestep 100 (6.0 frames at 240/s, 25 ms), explains the input at 41.2 dB, "
                + "done in 1.0 s")
        #expect(
            try Self.measured.line(json: false)
                == "a.png: 16x16, blur sharp, timestep 37 (2.9 frames at 240/s, 12 ms), done in 0.0 s")
    }

    @Test func whatIsSharpIsSaidToBeLeftAsItIs() throws {
        let report = PictureReport(
            input: "a.png", output: "b.png", width: 16, height: 16, level: BlurLevel(timestep: 37), isUnchanged: true, reblurPSNR: 100,
            seconds: 1)
        #expect(try report.line(json: false).contains("12 ms), left as it is, explains the input at 100.0 dB"))
    }

    /// At strength 0 the network is not asked.
    @Test func withoutALevelNothingIsSaidOfIt() throws {
        let report = PictureReport(input: "a.png", output: "b.png", width: 16, height: 17, level: nil, isUnchanged: true, seconds: 0.04)
        #expect(try report.line(json: false) == "a.png -> b.png: 16x17, left as it is, done in 0.0 s")
        #expect(
            try report.line(json: true) == #"{"height":17,"input":"a.png","output":"b.png","seconds":0.04,"unchanged":true,"width":16}"#)
    }

    @Test func aProgramReadsEveryMember() throws {
        #expect(
            try Self.deblurred.line(json: true)
                == #"{"description":"moderate","equivalent_frames":6,"height":360,"input":"in/a.png","kernels":"out/a-kernels.png","#
                + #""kernels_scale":2.5,"milliseconds_at_240_fps":25,"output":"out/a.png","predicted_timestep":100,"reblur_psnr":41.23,"#
                + #""seconds":0.988,"unchanged":false,"width":640}"#)
    }

    /// `output` is null where nothing was written; what was not asked for has no member.
    @Test func whatWasNotDoneIsAbsent() throws {
        let line = try Self.measured.line(json: true)
        #expect(line.contains(#""output":null"#))
        for member in ["comparison", "kernels", "kernels_scale", "unchanged", "reblur_psnr"] {
            #expect(!line.contains("\"\(member)\""), "\(member)")
        }
    }
}
