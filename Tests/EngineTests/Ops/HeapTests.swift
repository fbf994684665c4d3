import Foundation
import Glibc
import Testing
@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct HeapTests {
    /// glibc's own account of its heaps, as XML: <https://man7.org/linux/man-pages/man3/malloc_info.3.html>.
    private func heaps() throws -> Int {
        var text: UnsafeMutablePointer<CChar>?
        var length = 0
        let stream = try #require(open_memstream(&text, &length), "a stream into memory")
        // Of malloc.h, which is not among what Swift imports.
        typealias MallocInfo = @convention(c) (Int32, UnsafeMutableRawPointer) -> Int32
        let mallocInfo = unsafeBitCast(try #require(dlsym(nil, "malloc_info")), to: MallocInfo.self)
        let status = mallocInfo(0, UnsafeMutableRawPointer(stream))
        fclose(stream)
        defer { free(text) }
        #expect(status == 0)
        return String(cString: try #require(text)).components(separatedBy: "<heap nr=").count - 1
    }

    /// A heap of a thread's own would keep the memory of the largest picture that the thread ever worked on.
    @Test func allThreadsShareOneHeap() throws {
        let count = 8, allAllocated = DispatchSemaphore(value: 0), mayFree = DispatchSemaphore(value: 0), ended = DispatchGroup()
        for _ in 0..<count {
            ended.enter()
            Thread.detachNewThread {
                let bytes = [UInt8](repeating: 1, count: 1 << 20)
                allAllocated.signal()
                mayFree.wait()
                withExtendedLifetime(bytes) {}
                ended.leave()
            }
        }
        for _ in 0..<count { allAllocated.wait() }
        let found = try heaps()
        for _ in 0..<count { mayFree.signal() }
        ended.wait()
        #expect(found == 1)
    }
}
