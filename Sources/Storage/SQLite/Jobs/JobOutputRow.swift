import GRDB

/// The columns of the table `job` that hold an output, read and written.
extension JobOutput {
    static let columns = """
        output_format, output_bytes, output_hash, stage_seconds, unchanged, reblur_psnr, model_hash, version, reused_from, output_file
        """

    /// - Parameter row: has `columns`
    /// - Returns: nil for a job that has not succeeded
    init?(row: Row) throws {
        guard let bytes = try row.decode(Int?.self, forColumn: "output_bytes") else { return nil }
        self.init(
            format: try row.decode(forColumn: "output_format"), bytes: bytes, hash: try row.decode(forColumn: "output_hash"),
            stageSeconds: try row.decode(forColumn: "stage_seconds"), isUnchanged: try row.decode(forColumn: "unchanged"),
            reblurPSNR: try row.decode(forColumn: "reblur_psnr"), modelHash: try row.decode(forColumn: "model_hash"),
            version: try row.decode(forColumn: "version"), reusedFrom: try row.decode(forColumn: "reused_from"),
            file: try row.decode(forColumn: "output_file"))
    }

    /// The assignments of an SQL `SET`, to be used with `arguments`.
    static let assignments = """
        output_format = :outputFormat, output_bytes = :outputBytes, output_hash = :outputHash, stage_seconds = :stageSeconds, \
        unchanged = :unchanged, reblur_psnr = :reblurPSNR, model_hash = :modelHash, version = :version, \
        reused_from = :reusedFrom, output_file = :outputFile
        """

    var arguments: StatementArguments {
        [
            "outputFormat": format, "outputBytes": bytes, "outputHash": hash, "stageSeconds": stageSeconds, "unchanged": isUnchanged,
            "reblurPSNR": reblurPSNR, "modelHash": modelHash, "version": version, "reusedFrom": reusedFrom, "outputFile": file,
        ]
    }
}
