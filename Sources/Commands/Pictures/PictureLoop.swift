import ArgumentParser
import Dispatch
import Engine
import Foundation
import Server
import Synchronization

/// Does the same to each of several pictures, several at a time if asked, goes on past bad ones, and sums up.
///
/// Results go to standard output, all else to standard error.
package struct PictureLoop: Sendable {
    private let items: [Result<PictureInputs.Item, PictureInputs.NoPictures>]
    private let jobs: Int

    /// - Parameter jobs: pictures at a time.
    package init(_ inputs: PictureInputs, jobs: Int = 1) {
        items = inputs.items
        self.jobs = min(jobs, max(items.count, 1))
    }

    package struct Outcome<Report: Sendable>: Sendable {
        /// In the order of the inputs, without those that failed.
        package let reports: [Report]
        package let failures: Int

        /// - Throws: `ExitCode.failure` when any picture failed
        package func check() throws {
            if failures > 0 { throw ExitCode.failure }
        }
    }

    /// - Parameters:
    ///   - work: on several threads when there are several jobs; tells how far it is, 0...1.
    ///   - each: told each report as soon as it is there, one at a time; with several jobs not in the order of the inputs.
    package func run<Report: Sendable>(
        _ work: @Sendable (_ index: Int, _ path: String, _ onProgress: (Double) -> Void) throws -> Report,
        each: @Sendable (Report) throws -> Void = { _ in }
    ) -> Outcome<Report> {
        let clock = ContinuousClock(), start = clock.now
        let state = Mutex(State<Report>(count: items.count))
        let next = Atomic<Int>(0)
        withoutActuallyEscaping(work) { work in
            withoutActuallyEscaping(each) { each in
                DispatchQueue.concurrentPerform(iterations: jobs) { _ in
                    while true {
                        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                        guard index < items.count else { return }
                        one(index, state, work, each)
                    }
                }
            }
        }
        return state.withLock { state in
            let failures = items.count - state.reports.count
            if items.count > 1 || failures > 0 {
                let seconds = String(format: "%.1f", (clock.now - start) / .seconds(1))
                Self.write("\(state.reports.count) of \(items.count) pictures done, \(failures) failed, \(seconds) s")
            }
            return Outcome(reports: state.reports.sorted { $0.key < $1.key }.map(\.value), failures: failures)
        }
    }

    private struct State<Report> {
        var reports: [Int: Report] = [:]
        var fractions: [Double]
        var finished = 0

        init(count: Int) {
            fractions = [Double](repeating: 0, count: count)
        }

        var progress: Double { fractions.reduce(0, +) / Double(max(fractions.count, 1)) }
    }

    private func one<Report: Sendable>(
        _ index: Int, _ state: borrowing Mutex<State<Report>>,
        _ work: (_ index: Int, _ path: String, _ onProgress: (Double) -> Void) throws -> Report, _ each: (Report) throws -> Void
    ) {
        var path = ""
        do {
            path = try items[index].get().path
            show(index, 0, state, path)
            let report = try work(index, path) { show(index, $0, state, path) }
            try state.withLock { state in
                ProgressBar.clear()
                state.fractions[index] = 1
                state.finished += 1
                try each(report)
                state.reports[index] = report
                // A reader of the lines sees each as soon as it is there.
                fflush(nil)
            }
        } catch {
            state.withLock { state in
                ProgressBar.clear()
                state.fractions[index] = 1
                state.finished += 1
                Self.write(path.isEmpty ? "\(error)" : "\(path): \(FailureText.of(error))")
            }
        }
    }

    private func show<Report>(_ index: Int, _ fraction: Double, _ state: borrowing Mutex<State<Report>>, _ path: String) {
        let name = URL(fileURLWithPath: path).lastPathComponent
        state.withLock { state in
            state.fractions[index] = fraction
            ProgressBar.show(state.progress, items.count > 1 ? "\(state.finished + 1)/\(items.count) \(name)" : name)
        }
    }

    private static func write(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
