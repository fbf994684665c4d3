import Foundation

/// Where a list goes on: 16 hexadecimal digits of the last job's sequence number, 16 of a checksum.
///
/// The list goes downwards in `sequence`, which only grows, so pages neither repeat nor skip a job while others arrive.
/// The checksum (64-bit FNV-1a) covers the list's conditions too: a cursor that was cut, changed, or taken from
/// another list is refused. It is no secret: whoever computes one gets a page that any client may ask for.
struct JobCursor: Equatable {
    /// The number below which the next page's jobs lie.
    let sequence: Int64

    init(before sequence: Int64) {
        self.sequence = sequence
    }

    /// - Throws: `StorageError.invalidCursor`
    init(_ text: String, in query: JobQuery) throws {
        // Whole equality with what would have been given out leaves no second spelling.
        guard text.utf8.count == 32, let sequence = Int64(text.prefix(16), radix: 16),
            JobCursor(before: sequence).text(in: query) == text
        else { throw StorageError.invalidCursor(String(text.prefix(64))) }
        self.sequence = sequence
    }

    func text(in query: JobQuery) -> String {
        let states = query.states.map { $0.map(\.rawValue).sorted().joined(separator: ",") } ?? "*"
        let bounds = [query.minTimestep, query.maxTimestep].map { $0.map(String.init) ?? "*" }
        let times = [query.createdFrom, query.createdBefore].map { $0.map { String($0.millisecondsSince1970) } ?? "*" }
        let covered = (["jobs-3", String(sequence), states] + bounds + times + [query.keyID ?? "*"]).joined(separator: "|")
        return Self.digits(UInt64(bitPattern: sequence)) + Self.digits(Self.checksum(covered))
    }

    private static func digits(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    private static func checksum(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
