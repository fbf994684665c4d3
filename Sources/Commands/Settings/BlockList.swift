import ArgumentParser
import Foundation
import Server

/// Blocks of IP addresses, separated by commas; none is an empty list.
package struct BlockList: ExpressibleByArgument, CustomStringConvertible {
    package let blocks: [AddressBlock]

    package init(_ blocks: [AddressBlock]) {
        self.blocks = blocks
    }

    package init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map {
            AddressBlock($0.trimmingCharacters(in: .whitespaces))
        }
        let blocks = parts.compactMap { $0 }
        guard blocks.count == parts.count || argument.isEmpty else { return nil }
        self.blocks = blocks
    }

    package var description: String { blocks.map(\.description).joined(separator: ",") }
}
