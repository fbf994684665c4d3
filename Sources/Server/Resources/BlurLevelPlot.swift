import Foundation

/// A distribution as bars, in SVG 1.1. No script, no font and no colour from elsewhere; follows a dark or light page.
struct BlurLevelPlot: Sendable {
    private static let width = 720.0, height = 320.0
    private static let left = 56.0, right = 16.0, top = 40.0, bottom = 48.0

    let distribution: BlurLevelDistribution

    init(_ distribution: BlurLevelDistribution) {
        self.distribution = distribution
    }

    var svg: String {
        let (w, h) = (Self.width, Self.height)
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Self.text(w)) \#(Self.text(h))" role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12">"#,
            #"<title id="title">Blur levels of the stored jobs</title>"#,
            #"<desc id="desc">\#(summary)</desc>"#,
            "<style>text{fill:#222}.axis{stroke:#888}.bar{fill:#3b6fb6}@media(prefers-color-scheme:dark){text{fill:#ddd}.bar{fill:#7aa7e0}}</style>",
            #"<text x="\#(Self.text(Self.left))" y="22" font-size="14">\#(summary)</text>"#,
        ]
        lines += axes + bars
        lines.append("</svg>")
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: String {
        guard let median = distribution.median else { return "No job with a predicted timestep is stored" }
        return "\(distribution.jobs) \(distribution.jobs == 1 ? "job" : "jobs"), median timestep \(median)"
    }

    private var plot: (width: Double, height: Double) {
        (Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom)
    }

    private var most: Int { max(distribution.bins.map(\.jobs).max() ?? 0, 1) }

    private var bars: [String] {
        let step = plot.width / Double(max(distribution.bins.count, 1)), gap = min(step * 0.1, 4)
        return distribution.bins.enumerated().flatMap { index, bin -> [String] in
            let x = Self.left + Double(index) * step, high = plot.height * Double(bin.jobs) / Double(most)
            var lines = [
                #"<rect class="bar" x="\#(Self.text(x + gap / 2))" y="\#(Self.text(Self.top + plot.height - high))" width="\#(Self.text(step - gap))" height="\#(Self.text(high))">"#
                    + "<title>\(bin.minTimestep) to \(bin.maxTimestep): \(bin.jobs)</title></rect>"
            ]
            // As many labels as fit side by side.
            if index % max(Int((36 / step).rounded(.up)), 1) == 0 {
                lines.append(#"<text x="\#(Self.text(x))" y="\#(Self.text(Self.top + plot.height + 16))">\#(bin.minTimestep)</text>"#)
            }
            return lines
        }
    }

    private var axes: [String] {
        let floor = Self.text(Self.top + plot.height), left = Self.text(Self.left)
        return [
            #"<line class="axis" x1="\#(left)" y1="\#(floor)" x2="\#(Self.text(Self.width - Self.right))" y2="\#(floor)"/>"#,
            #"<line class="axis" x1="\#(left)" y1="\#(Self.text(Self.top))" x2="\#(left)" y2="\#(floor)"/>"#,
            #"<text x="\#(Self.text(Self.left - 8))" y="\#(Self.text(Self.top + 4))" text-anchor="end">\#(most)</text>"#,
            #"<text x="\#(Self.text(Self.left - 8))" y="\#(floor)" text-anchor="end">0</text>"#,
            #"<text x="\#(Self.text(Self.left + plot.width / 2))" y="\#(Self.text(Self.height - 10))" text-anchor="middle">predicted timestep</text>"#,
        ]
    }

    /// A coordinate in tenths of a unit, which are finer than any screen.
    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }
}
