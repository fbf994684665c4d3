import Foundation
import FoundationXML
import Testing
@testable import Server

/// The distribution as bars.
@Suite(.timeLimit(.minutes(60))) struct BlurLevelPlotTests {
    private func tags(_ plot: BlurLevelPlot) throws -> [String] {
        let parser = XMLParser(data: Data(plot.svg.utf8)), tags = Tags()
        parser.delegate = tags
        try #require(parser.parse(), "not well-formed")
        return tags.names
    }

    private final class Tags: NSObject, XMLParserDelegate {
        var names: [String] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
        ) {
            names.append(name)
        }
    }

    @Test func hasABarForEachBin() throws {
        let plot = BlurLevelPlot(BlurLevelDistribution(counts: [10: 4, 45: 2], bin: 20)), names = try tags(plot)
        #expect(names.first == "svg" && names.count { $0 == "rect" } == 3)
        #expect(plot.svg.contains("6 jobs, median timestep 10") && plot.svg.contains("<title>40 to 59: 2</title>"))
        // The highest bar fills the plot: 320 less the margins of 40 and 48.
        #expect(plot.svg.contains(#"height="232">"#) && plot.svg.contains(#"height="116">"#) && plot.svg.contains(#"height="0">"#))
    }

    @Test func withoutJobsItSaysSo() throws {
        let plot = BlurLevelPlot(BlurLevelDistribution(counts: [:], bin: 20))
        #expect(try !tags(plot).contains("rect") && plot.svg.contains("No job with a predicted timestep is stored"))
    }

    @Test func oneJobIsNotPlural() {
        #expect(BlurLevelPlot(BlurLevelDistribution(counts: [10: 1], bin: 20)).svg.contains("1 job, median"))
    }
}
