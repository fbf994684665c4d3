import GRDB

/// The columns of the table `job` that hold an output. One line of `table` reads its column, writes it, and makes it where a version adds
/// it, which is why it stands beside the steps.
extension JobOutput {
    /// A column, and the member that it holds.
    struct Column: Sendable {
        let name: String
        /// Type and checks of a column that came after the numbered steps of `Migrations`, which then adds it: nullable or with a default, and
        /// never changed once it has left this repository. nil = one of those steps made it.
        let definition: String?
        let read: @Sendable (Row, inout JobOutput) throws -> Void
        let value: @Sendable (JobOutput) -> (any DatabaseValueConvertible)?

        init<Value: DatabaseValueConvertible>(
            _ name: String, _ member: WritableKeyPath<JobOutput, Value> & Sendable, added definition: String? = nil
        ) {
            self.name = name
            self.definition = definition
            read = { row, output in output[keyPath: member] = try row.decode(forColumn: name) }
            value = { output in output[keyPath: member] }
        }
    }

    static let table = [
        Column("output_format", \.format), Column("output_bytes", \.bytes), Column("output_hash", \.hash),
        Column("stage_seconds", \.stageSeconds), Column("unchanged", \.isUnchanged), Column("reblur_psnr", \.reblurPSNR),
        Column("model_hash", \.modelHash), Column("version", \.version), Column("reused_from", \.reusedFrom), Column("output_file", \.file),
    ]

    static let columns = table.map(\.name).joined(separator: ", ")

    /// - Parameter row: has `columns`
    /// - Returns: nil for a job that has not succeeded
    init?(row: Row) throws {
        guard try row.decode(Int?.self, forColumn: "output_bytes") != nil else { return nil }
        self.init(format: "", bytes: 0)
        for column in Self.table { try column.read(row, &self) }
    }

    /// For `SET`, with `arguments`.
    static let assignments = table.map { "\($0.name) = :\($0.name)" }.joined(separator: ", ")

    var arguments: StatementArguments { StatementArguments(Self.table.map { ($0.name, $0.value(self)) }) }
}
