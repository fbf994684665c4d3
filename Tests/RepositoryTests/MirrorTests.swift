import Foundation
import TestSupport
import Testing

/// Tests mirror Sources: `Sources/Engine/Ops/Team.swift` has `Tests/EngineTests/Ops/TeamTests.swift`, or stands in the table of
/// Tests/README.md with what tests it and why there. The executable's commands have theirs in `Tests/ServerTests/Process`.
@Suite(.timeLimit(.minutes(60))) struct MirrorTests {
    private static let modules = ["Commands", "Engine", "Server", "Storage", "fidediff"]

    /// One row of the table: files of a room, as `Engine/Ops/Team`.
    private struct Row {
        let files: [String]
        let testedBy, reason: String
    }

    private static func paths(_ folder: String) -> [String] {
        let found = try? FileManager.default.subpathsOfDirectory(atPath: Repository.folder.appendingPathComponent(folder).path)
        return (found ?? []).filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(".swift".count)) }.sorted()
    }

    private static let sources = modules.flatMap { module in paths("Sources/\(module)").map { "\(module)/\($0)" } }

    /// As `Engine/Ops/Team` for `EngineTests/Ops/TeamTests`.
    private static let tested = Set(
        modules.flatMap { module in paths(folder(of: module)).filter { $0.hasSuffix("Tests") }.map { "\(module)/\($0.dropLast(5))" } })

    private static func folder(of module: String) -> String {
        module == "fidediff" ? "Tests/ServerTests/Process" : "Tests/\(module)Tests"
    }

    private static let rows: [Row] = {
        let text = (try? String(contentsOf: Repository.folder.appendingPathComponent("Tests/README.md"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let module = cells[0].split(separator: "/").first, modules.contains(String(module)) else { return nil }
            return Row(files: quoted(cells[1]).map { "\(cells[0])/\($0)" }, testedBy: cells[2], reason: cells[3])
        }
    }()

    private static func quoted(_ text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    @Test func everySourceFileHasItsTestOrItsReason() {
        #expect(Self.sources.count > 300)
        let without = Self.sources.filter { !Self.tested.contains($0) }, excused = Self.rows.flatMap(\.files)
        #expect(Set(without).subtracting(excused).sorted() == [], "neither tested under their name nor in Tests/README.md")
        #expect(Set(excused).subtracting(without).sorted() == [], "in the table of Tests/README.md, but gone or tested under their name")
        #expect(excused.count == Set(excused).count, "a file stands in the table twice")
    }

    /// What a row names as testing its files is there, and a reason is given.
    @Test func theTableSaysWhereAndWhy() {
        let names = Set(Self.tested.map { ($0 as NSString).lastPathComponent + "Tests" })
        let others = Set(Self.modules.flatMap { Self.paths(Self.folder(of: $0)) }.map { ($0 as NSString).lastPathComponent })
        for row in Self.rows {
            #expect(row.reason.count > 10, "\(row.files)")
            let suites = Self.quoted(row.testedBy).filter { !$0.hasPrefix("make ") }
            #expect(!Self.quoted(row.testedBy).isEmpty, "\(row.files)")
            for suite in suites { #expect(names.contains(suite) || others.contains(suite), "\(suite), which is to test \(row.files)") }
        }
    }

    /// A test file of a name that no source file has stands at the top of its module, or says so here.
    @Test func noTestIsLeftBehind() {
        let roomless = Self.tested.subtracting(Self.sources).filter { $0.split(separator: "/").count > 2 && !$0.contains("/Process/") }
        #expect(roomless.sorted() == Self.byProperty.sorted())
    }

    /// Every loop in C is held against its definition on each instruction set, but for what changes the process and computes nothing.
    @Test func everyLoopIsChecked() throws {
        let header = try String(
            contentsOf: Repository.folder.appendingPathComponent("Sources/CLoops/include/loops.h"), encoding: .utf8)
        let folder = Repository.folder.appendingPathComponent("Tests/Loops")
        let checks = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".c") }.map {
            try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
        }.joined()
        let loops = Set(header.matches(of: /\b(loop_[a-z0-9_]+)\(/).map { String($0.1) })
        #expect(loops.count > 40)
        let named = Set(checks.matches(of: /\bloop_[a-z0-9_]+\b/).map { String($0.0) })
        #expect(loops.subtracting(named).sorted() == ["loop_give_back_freed_memory", "loop_keep_freed_memory", "loop_prepare_blas"])
    }

    /// Tests of a property that goes through several files of their room.
    private static let byProperty = [
        "Engine/Imaging/HostileImage", "Engine/Imaging/PhotographDecoderJPEG", "Server/HTTP/Parsing/HostileRequest",
        "Server/Resources/HostileFiles",
    ]
}
