// PictureLoop.swift: does the same to each of several pictures, goes on past bad ones, and sums up.

import ArgumentParser
import Engine
import Foundation
import Server

struct PictureLoop {
    let paths: [String]

    /// Results go to standard output, all else to standard error.
    /// - Throws: `ExitCode.failure` when any picture failed
    func run(_ work: (_ index: Int, _ path: String, _ bar: ProgressBar) throws -> Void) throws {
        var failures = 0
        for (index, path) in paths.enumerated() {
            let name = URL(fileURLWithPath: path).lastPathComponent
            let bar = ProgressBar(label: paths.count > 1 ? "\(index + 1)/\(paths.count) \(name)" : name)
            bar.show(0)
            do {
                try work(index, path, bar)
                // A reader of the lines sees each as soon as it is there.
                fflush(nil)
            } catch {
                bar.clear()
                failures += 1
                write("\(path): \(FailureText.of(error))")
            }
        }
        if paths.count > 1 || failures > 0 {
            write("\(paths.count - failures) of \(paths.count) pictures done, \(failures) failed")
        }
        if failures > 0 { throw ExitCode.failure }
    }

    private func write(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
