/// Turns finished work, counted in multiplications with addition, into the fraction of a picture that is done.
struct WorkProgress {
    private let total: Int
    private var done = 0
    private let report: (Double) throws -> Void

    /// - Parameter report: takes 0...1; what it throws stops the work
    init(total: Int, report: @escaping (Double) throws -> Void) {
        (self.total, self.report) = (max(total, 1), report)
    }

    mutating func finish(_ work: Int) throws {
        done += work
        try report(Double(done) / Double(total))
    }
}
