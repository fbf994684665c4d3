import Foundation
import TestSupport
import Testing

/// What the developers' documents name in backquotes is there: types, and files with their folder.
@Suite(.timeLimit(.minutes(60))) struct DocumentNamesTests {
    private static let documents = [
        "DEVELOPING.md", "MODEL.md", "docs/words.md", "docs/developers/architecture.md", "docs/developers/measuring.md",
        "docs/developers/pitfalls.md", "docs/reliability.md", "docs/threat-model.md",
    ]

    /// Where a path of a document may begin.
    private static let tops = [
        "", "Sources", "Sources/Engine", "Sources/Server", "Sources/Storage", "Tests", "Tests/Torture", "training", "training/network",
    ]

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.folder.appendingPathComponent(path), encoding: .utf8)
    }

    /// Capitalised names that mean something here: types of Swift, rooms, and classes of Python or those that it imports.
    private static let known: Set<String> = {
        let modules = ["Commands", "Engine", "Server", "Storage", "fidediff"]
        let graphs = modules.compactMap { try? SourceGraph(of: $0) }
        var names = graphs.reduce(into: Set(modules + ["Sources", "Tests"])) { $0.formUnion($1.types) }
        for graph in graphs {
            for file in graph.files { names.formUnion(file.split(separator: "/").map { String($0.prefix { $0 != "." }) }) }
        }
        for folder in ["Tests", "training"] {
            let paths = (try? FileManager.default.subpathsOfDirectory(atPath: Repository.folder.appendingPathComponent(folder).path)) ?? []
            for path in paths where path.hasSuffix(".py") {
                let lines = ((try? text("\(folder)/\(path)")) ?? "").split(separator: "\n")
                for line in lines where ["class ", "import ", "from "].contains(where: line.hasPrefix) {
                    names.formUnion(words(String(line)))
                }
            }
            names.formUnion(
                paths.filter { $0.hasSuffix(".swift") }.map { (($0 as NSString).lastPathComponent as NSString).deletingPathExtension })
        }
        names.formUnion(
            (try? FileManager.default.contentsOfDirectory(atPath: Repository.folder.appendingPathComponent("Sources").path)) ?? [])
        names.formUnion(
            (try? FileManager.default.contentsOfDirectory(atPath: Repository.folder.appendingPathComponent("Tests").path)) ?? [])
        return names
    }()

    private static func words(_ text: String) -> [String] {
        text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
    }

    /// A type's name, or an extension's file: capitalised, with a small letter, so neither SIGTERM nor AVX2.
    private static func isType(_ word: String) -> Bool {
        word.count > 1 && word.first?.isUppercase == true && word.contains(where: \.isLowercase)
            && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") }
    }

    /// Between backquotes, outside of blocks of code.
    private static func quoted(_ text: String) -> [String] {
        text.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 0 }.flatMap { part in
            part.element.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
                String($0.element)
            }
        }
    }

    @Test(arguments: documents) func typesAreThere(document: String) throws {
        // `Job.State` and `Parallel.withThreads` begin with the type.
        let names = Self.quoted(try Self.text(document)).map { String($0.prefix { $0 != "." }) }.filter(Self.isType)
        #expect(Set(names).subtracting(Self.known).sorted() == [])
    }

    /// In the drawings a type stands behind the words, on a line of its own or in brackets.
    @Test func theDrawingsTypesAreThere() throws {
        let blocks = try Self.text("docs/developers/architecture.md").components(separatedBy: "```").enumerated().filter {
            $0.offset % 2 == 1
        }
        let names = blocks.flatMap { block in
            block.element.matches(of: /<br\/>([^"]+)"|\(([A-Z][^)]*)\)/).flatMap { Self.words(String($0.1 ?? $0.2 ?? "")) }
        }.filter(Self.isType)
        #expect(names.count >= 15)
        #expect(Set(names).subtracting(Self.known).sorted() == [])
    }

    @Test(arguments: documents) func filesAreThere(document: String) throws {
        let paths = Self.quoted(try Self.text(document)).filter {
            $0.wholeMatch(of: /[A-Za-z][\w.+-]*(\/[\w.+-]+)*\/?/) != nil && ($0.contains("/") || $0.hasSuffix(".swift"))
        }
        // What `make` writes is there only afterwards.
        let absent = paths.filter { !$0.hasPrefix("artifacts/") }.filter { path in
            !Self.tops.contains { FileManager.default.fileExists(atPath: Repository.folder.appendingPathComponent("\($0)/\(path)").path) }
        }
        #expect(Set(absent).sorted() == [])
    }
}
