import Foundation
import TestSupport
import Testing
@testable import Commands
@testable import Engine

/// A model folder's report, for a person and for a program.
@Suite(.timeLimit(.minutes(60))) struct ModelReportTextTests {
    private static let tiny = Repository.folder.appendingPathComponent("Tests/Fixtures/tiny", isDirectory: true)

    @Test func theTableNamesPartsCostAndMemory() throws {
        let report = Deblurrer.inspectModel(at: Self.tiny, width: 640, height: 360)
        let lines = ModelReportText.table(report, width: 640, height: 360).split(separator: "\n").map(String.init)
        #expect(lines.first == report.name && lines.last == "can be loaded")
        for part in report.parts { #expect(lines.contains { $0.hasPrefix("  \(part.name) ") && $0.hasSuffix(part.file) }, "\(part.name)") }
        #expect(lines.contains { $0.hasPrefix("  together") && $0.hasSuffix("parameters") })
        #expect(lines.contains { $0.hasPrefix("  one picture of 640x360") && $0.hasSuffix(" GMAC") })
        #expect(lines.contains { $0.hasPrefix("  memory for 640x360") && $0.hasSuffix(" MiB") })
    }

    /// Thousands stand apart: 1234567 is read as 1 234 567.
    @Test func largeNumbersAreGrouped() throws {
        let parameters = Deblurrer.inspectModel(at: Self.tiny).parameters
        try #require(parameters >= 10_000 && parameters < 1_000_000)
        let table = ModelReportText.table(Deblurrer.inspectModel(at: Self.tiny), width: 1280, height: 720)
        #expect(table.contains("\(parameters / 1000) \(String(format: "%03d", parameters % 1000)) parameters"))
    }

    @Test func aFolderThatCannotBeLoadedSaysWhy() throws {
        let folder = try ScratchFolder()
        let report = Deblurrer.inspectModel(at: folder.url)
        let table = ModelReportText.table(report, width: 1280, height: 720)
        #expect(table.contains("cannot be loaded:\n  ") && table.contains("config.json"))
        let json = try ModelReportText.json(report)
        #expect(json.contains(#""problems":["#) && json.contains("config.json") && !json.contains("memory_bytes"))
    }

    @Test func jsonCarriesTheSameNumbers() throws {
        let report = Deblurrer.inspectModel(at: Self.tiny)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(ModelReportText.json(report).utf8)) as? [String: Any])
        #expect(object["parameters"] as? Int == report.parameters && object["multiply_adds"] as? Int == report.multiplyAdds)
        #expect((object["memory_bytes"] as? [String: Any])?["total"] as? Int == report.memory?.total)
        #expect((object["problems"] as? [String]) == [])
    }

    /// A NaN is no success, and no JSON number.
    @Test func aStageThatIsNoNumberIsTooFar() throws {
        let reference = Tensor(shape: [1], values: [1])
        let broken = StageComparison(name: "latent", Tensor(shape: [1], values: [.nan]), reference: reference)
        #expect(ModelReportText.row(broken, 1e-4).hasSuffix("TOO FAR"))
        #expect(try ModelReportText.json(broken) == #"{"max_abs":"nan","relative_l2":"nan","stage":"latent"}"#)
        let same = StageComparison(name: "latent", reference, reference: reference)
        #expect(ModelReportText.row(same, 0).hasSuffix("ok"), "a tolerance of 0 allows equality")
        let off = StageComparison(name: "latent", Tensor(shape: [1], values: [1.5]), reference: reference)
        #expect(ModelReportText.row(off, 0.5).hasSuffix("ok") && ModelReportText.row(off, 0.499).hasSuffix("TOO FAR"))
    }
}
