import ArgumentParser
import Commands
import Foundation
import Testing

/// Flag before environment before file before default; a mistake is named with its place.
@Suite(.timeLimit(.minutes(60))) struct SettingLayersTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func file(_ json: String) throws -> String {
        try Data(json.utf8).write(to: folder.url.appendingPathComponent("config.json"))
        return folder.path("config.json")
    }

    /// What a `ValidationError` says, or "" where nothing was thrown.
    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\((error as? ValidationError)?.message ?? "no ValidationError: \(error)")"
        }
    }

    @Test func theNearestLayerWins() throws {
        let path = try file(#"{"max_queued": 10}"#), environment = ["FIDEDIFF_MAX_QUEUED": "20"]
        var all = try SettingLayers(config: path, environment: environment)
        #expect(try all.value("max-queued", 30, default: 100) == 30)
        #expect(all.rows.last.map { [$0.name, $0.value, $0.source] } == ["max-queued", "30", "flag --max-queued"])
        var two = try SettingLayers(config: path, environment: environment)
        #expect(try two.value("max-queued", nil, default: 100) == 20)
        #expect(two.rows.last?.source == "environment FIDEDIFF_MAX_QUEUED")
        var one = try SettingLayers(config: path, environment: [:])
        #expect(try one.value("max-queued", nil, default: 100) == 10)
        #expect(one.rows.last?.source == "file \(path)")
        var none = try SettingLayers(config: nil, environment: [:])
        #expect(try none.value("max-queued", nil, default: 100) == 100)
        #expect(none.rows.last.map { [$0.value, $0.source] } == ["100", "default"])
    }

    /// As a Compose file with an empty variable has it.
    @Test func anEmptyVariableIsNone() throws {
        var layers = try SettingLayers(config: nil, environment: ["FIDEDIFF_HOST": "", "FIDEDIFF_CONFIG": ""])
        #expect(try layers.value("host", nil, default: "::1") == "::1")
    }

    @Test func theEnvironmentNamesTheFile() throws {
        let path = try file(#"{"host": "0.0.0.0"}"#)
        var layers = try SettingLayers(config: nil, environment: ["FIDEDIFF_CONFIG": path])
        #expect(try layers.value("host", nil, default: "::1") == "0.0.0.0")
        var flag = try SettingLayers(config: path, environment: ["FIDEDIFF_CONFIG": "/nowhere.json"])
        #expect(try flag.value("host", nil, default: "::1") == "0.0.0.0", "the flag goes before the variable")
    }

    @Test(arguments: [
        (#"{"a": true}"#, "true"), (#"{"a": 3}"#, "3"), (#"{"a": 1.5}"#, "1.5"), (#"{"a": "x y"}"#, "x y"),
        (#"{"a": ["x", 2, false]}"#, "x,2,false"),
        (#"{"a": []}"#, ""), (#"{"a": "é🙂"}"#, "é🙂"),
    ])
    func theFileSpellsValuesAsFlagsDo(json: String, text: String) throws {
        var layers = try SettingLayers(config: file(json), environment: [:])
        #expect(try layers.value("a", nil, default: "none") == text)
    }

    @Test(arguments: [#"{"a": null}"#, #"{"a": {"b": 1}}"#, "[1]", "3", "{", "", #"{"a": 1"#])
    func anotherShapeIsRefusedWithThePath(json: String) throws {
        let path = try file(json)
        let text = refusal { _ = try SettingLayers(config: path, environment: [:]) }
        #expect(text.contains("the configuration \(path) cannot be read as a JSON object"), "\(text)")
    }

    @Test func aMissingFileIsRefused() {
        let missing = folder.path("none.json")
        #expect(refusal { _ = try SettingLayers(config: missing, environment: [:]) }.contains(missing))
        let folder = folder.url.path
        #expect(refusal { _ = try SettingLayers(config: folder, environment: [:]) }.contains("cannot be read"), "a folder is no file")
    }

    /// A number where a truth value is asked for, and so on: each names value, place and what to do.
    @Test func wrongTypesNameTheirPlace() throws {
        let path = try file(#"{"workers": "many", "reuse": 1, "port": 70000, "drain_seconds": [1, 2]}"#)
        var layers = try SettingLayers(config: path, environment: ["FIDEDIFF_MAX_QUEUED": "1e3"])
        #expect(
            refusal { _ = try layers.value("workers", nil, default: 1) }
                == "--workers is 'many' (file \(path)); that is no value of its kind")
        #expect(refusal { _ = try layers.value("reuse", nil, default: true) }.hasPrefix("--reuse is '1' (file \(path)); "))
        #expect(refusal { _ = try layers.value("port", nil, default: UInt16(80)) }.hasPrefix("--port is '70000' (file"))
        #expect(refusal { _ = try layers.value("drain-seconds", nil, default: 1.0) }.hasPrefix("--drain-seconds is '1,2' (file"))
        #expect(
            refusal { _ = try layers.value("max-queued", nil, default: 1) }
                .hasPrefix("--max-queued is '1e3' (environment FIDEDIFF_MAX_QUEUED); "))
    }

    /// Of every layer, the flag too.
    @Test func anImpossibleValueSaysWhatToDo() throws {
        var layers = try SettingLayers(config: file(#"{"workers": 0}"#), environment: [:])
        let check = { (n: Int) in n < 1 ? "use 1 or more" : nil }
        #expect(refusal { _ = try layers.value("workers", nil, default: 1, check: check) }.hasSuffix("; use 1 or more"))
        #expect(
            refusal { _ = try layers.value("workers", -1, default: 1, check: check) } == "--workers is -1 (flag --workers); use 1 or more")
    }

    /// A misspelt name in the file must not pass silently; a variable may be Kubernetes' own.
    @Test func unknownNamesAreFound() throws {
        let path = try file(#"{"worker": 2, "host": "::1"}"#)
        var layers = try SettingLayers(
            config: path,
            environment: ["FIDEDIFF_SERVICE_HOST": "10.0.0.1", "FIDEDIFF_HOST": "::", "PATH": "/bin", "FIDEDIFF_CONFIG": path])
        _ = try layers.value("host", nil, default: "::1")
        #expect(refusal(layers.requireKnownNames) == "\(path) has the unknown setting 'worker'; it may have: host")
        #expect(layers.unknownVariables == ["FIDEDIFF_SERVICE_HOST"])
        _ = try layers.value("worker", nil, default: 1)
        #expect(refusal(layers.requireKnownNames) == "")
    }

    @Test func aSecretIsNotShown() throws {
        var layers = try SettingLayers(config: nil, environment: ["FIDEDIFF_SECRET": "hunter2"])
        #expect(try layers.optional("secret", String?.none, isSecret: true) == "hunter2")
        #expect(layers.table == "secret  (set)  environment FIDEDIFF_SECRET")
    }

    @Test func theTableStandsInColumns() throws {
        var layers = try SettingLayers(config: nil, environment: [:])
        _ = try layers.value("host", "localhost", default: "::1")
        _ = try layers.optional("retain-jobs", Int?.none)
        #expect(layers.table == "host         localhost  flag --host\nretain-jobs  -          default")
    }
}
