import ArgumentParser
import Foundation

/// Numbers of seconds, separated by commas.
package struct SecondsList: ExpressibleByArgument, CustomStringConvertible {
    package let values: [Double]

    package init(_ values: [Double]) {
        self.values = values
    }

    package init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0.trimmingCharacters(in: .whitespaces)) }
        let values = parts.compactMap { $0 }
        guard values.count == parts.count, values.allSatisfy({ $0.isFinite && $0 >= 0 }) else { return nil }
        self.values = values
    }

    package var description: String {
        values.map { Int(exactly: $0).map(String.init) ?? String($0) }.joined(separator: ",")
    }
}
