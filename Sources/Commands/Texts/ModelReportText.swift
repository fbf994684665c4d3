import Engine
import Foundation

/// What is found in a model folder, for a person or a program.
package enum ModelReportText {
    private struct Document: Encodable {
        struct Part: Encodable {
            let name, file: String
            let tensors, parameters: Int
        }
        struct Cost: Encodable {
            let part: String
            let multiply_adds: Int
        }
        struct Memory: Encodable {
            let program, weights, photograph, strip, kernels, layers, scratch, total: Int
            let largest: String
        }
        let name: String
        let parts: [Part]
        let parameters: Int
        let costs: [Cost]
        let multiply_adds: Int
        let memory_bytes: Memory?
        let problems: [String]
    }

    package static func json(_ report: ModelReport) throws -> String {
        try json(
            Document(
                name: report.name,
                parts: report.parts.map { .init(name: $0.name, file: $0.file, tensors: $0.tensors, parameters: $0.parameters) },
                parameters: report.parameters, costs: report.costs.map { .init(part: $0.part, multiply_adds: $0.multiplyAdds) },
                multiply_adds: report.multiplyAdds,
                memory_bytes: report.memory.map {
                    .init(
                        program: MemoryPlan.program, weights: $0.weights, photograph: $0.photograph, strip: $0.strip, kernels: $0.kernels,
                        layers: $0.layers, scratch: $0.scratch, total: $0.total, largest: $0.largest)
                },
                problems: report.problems.map(\.description)))
    }

    /// A difference that is not a number is written as a text.
    package static func json(_ comparison: StageComparison) throws -> String {
        struct Document: Encodable {
            let stage: String
            let relative_l2, max_abs: Double
        }
        return try json(Document(stage: comparison.name, relative_l2: comparison.relativeL2, max_abs: comparison.maxAbs))
    }

    package static func table(_ report: ModelReport, width: Int, height: Int) -> String {
        var lines = [report.name]
        for part in report.parts {
            lines.append(
                "  " + column(part.name, 12) + right("\(part.tensors) tensors", 14) + right(grouped(part.parameters), 16)
                    + " parameters  " + part.file)
        }
        if !report.parts.isEmpty {
            lines.append("  " + column("together", 12) + right("", 14) + right(grouped(report.parameters), 16) + " parameters")
        }
        for cost in report.costs {
            lines.append("  " + column(cost.part, 26) + right(gigaMAC(cost.multiplyAdds), 16) + " GMAC")
        }
        if !report.costs.isEmpty {
            lines.append("  " + column("one picture of \(width)x\(height)", 26) + right(gigaMAC(report.multiplyAdds), 16) + " GMAC")
        }
        if let memory = report.memory {
            for (purpose, bytes) in [
                ("program", MemoryPlan.program), ("weights", memory.weights), ("photograph and result", memory.photograph),
                ("strip of tiles", memory.strip), ("kernels of tiles", memory.kernels),
                ("layers of " + memory.largest, memory.layers), ("scratch", memory.scratch),
            ] where bytes > 0 {
                lines.append("  " + column(purpose, 28) + right(mebibytes(bytes), 14) + " MiB")
            }
            lines.append("  " + column("memory for \(width)x\(height)", 28) + right(mebibytes(memory.total), 14) + " MiB")
        }
        lines += report.problems.isEmpty ? ["can be loaded"] : ["cannot be loaded:"] + report.problems.map { "  \($0)" }
        return lines.joined(separator: "\n")
    }

    package static func row(_ comparison: StageComparison, _ tolerance: Double) -> String {
        let verdict = comparison.relativeL2 <= tolerance ? "ok" : "TOO FAR"
        return column(comparison.name, 18) + String(format: "%12.3e %12.3e  ", comparison.relativeL2, comparison.maxAbs) + verdict
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func gigaMAC(_ count: Int) -> String {
        String(format: "%.2f", Double(count) / 1e9)
    }

    private static func mebibytes(_ bytes: Int) -> String { String((bytes + (1 << 20) - 1) >> 20) }

    /// 1234567 -> 1 234 567
    private static func grouped(_ number: Int) -> String {
        var digits = String(number)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: " ")
    }

    private static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
