import Foundation
import Testing

/// The program as a whole.
@Suite(.timeLimit(.minutes(60))) struct FidediffTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(withPhotographs: false)
    }

    /// Every command says what was wrong and how it is used (EX_USAGE).
    @Test(arguments: [
        ["deblur", "a.png", "-o", "x.png", "--timestep", "1000"], ["deblur", "a.png", "-o", "x.png", "--quality", "0"],
        ["deblur", "a.png"], ["deblur", "a.png", "-o", "x.png", "--format", "gif"], ["serve", "--workers", "0"],
        ["serve", "--port", "65536"], ["deblur", "in"], ["deblur", "in", "-o", "out", "--jobs", "0"], ["deblur", "in", "--suffix", "a/b"],
        ["blur-level", "in", "--jobs", "257"], ["health", "--url", "ftp://localhost/"], ["health", "--timeout-seconds", "0"],
    ])
    func badArgumentsAreExplained(arguments: [String]) throws {
        let result = try folder.run(arguments)
        #expect(result.code == 64 && result.errors.contains("Usage:"), "\(result.errors)")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completesInEveryShell(shell: String) throws {
        let run = try folder.run("--generate-completion-script", shell)
        #expect(run.code == 0)
        for word in ["deblur", "blur-level", "serve", "health", "suffix", "compare", "kernels", "jpeg"] {
            #expect(run.output.contains(word), "\(shell) \(word)")
        }
    }
}
