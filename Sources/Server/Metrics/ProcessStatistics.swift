import Foundation

/// What Linux says of this process (proc(5)), under the names that Prometheus' own clients use.
struct ProcessStatistics: Sendable {
    /// Bytes of memory that the process holds; nil where Linux does not say.
    var residentBytes: Int?
    var virtualBytes: Int?
    var openFiles: Int?
    var cpuSeconds: Double?

    static func read() -> ProcessStatistics {
        var statistics = ProcessStatistics()
        if let text = FileManager.default.contents(atPath: "/proc/self/statm") {
            let pages = String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
            let pageBytes = sysconf(Int32(_SC_PAGESIZE))
            if pages.count >= 2 {
                statistics.virtualBytes = pages[0] * pageBytes
                statistics.residentBytes = pages[1] * pageBytes
            }
        }
        statistics.openFiles = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count
        var time = timespec()
        if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 {
            statistics.cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        return statistics
    }
}
