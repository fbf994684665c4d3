import GRDB

/// What the database needs to say of a result besides where it lies.
extension Migrations {
    static let results = "5 results: unchanged, re-blur certificate"

    static func addResults(_ db: Database) throws {
        try db.execute(
            sql: """
                -- Both NULL until succeeded, and for jobs of older versions. Whether the output is the photograph itself, which was sharp.
                ALTER TABLE job ADD COLUMN unchanged   INTEGER CHECK (unchanged IN (0, 1));
                -- How well the output explains the photograph, dB.
                ALTER TABLE job ADD COLUMN reblur_psnr REAL;
                """)
    }
}
