import Foundation

/// Exif without the place where a picture was taken.
extension Exif {
    private static let gpsDirectory = 0x8825
    /// Bytes of one value of each type (TIFF 6.0, section 2; Exif 2.32, 4.6.2).
    private static let valueBytes = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8]

    /// The block without the place: the main directory's link to the GPS directory is taken out, and the bytes of that directory and of the
    /// values it points to become zero. All else stays where it is, so that no offset changes. What a maker's own note may say is not
    /// known.
    func withoutGPS() -> Data {
        guard let directory = mainDirectory else { return tiff }
        var result = tiff
        for link in entries(of: directory) where link.tag == Self.gpsDirectory {
            if let gps = view.u32(at: link.valueOffset) { erase(gps, from: &result) }
        }
        remove(Self.gpsDirectory, from: directory, in: &result)
        return result
    }

    private func erase(_ directory: Int, from result: inout Data) {
        guard let count = view.u16(at: directory), directory != mainDirectory else { return }
        for entry in entries(of: directory) {
            let bytes = (Self.valueBytes[entry.type] ?? 1) * entry.count
            if bytes > 4, let values = view.u32(at: entry.valueOffset) { zero(values, bytes, in: &result) }
        }
        zero(directory, 2 + count * Entry.byteCount + 4, in: &result)
    }

    /// Moves the entries behind `tag` and the link to the next directory forward, and zeroes what they leave.
    private func remove(_ tag: Int, from directory: Int, in result: inout Data) {
        guard let count = view.u16(at: directory) else { return }
        let kept = entries(of: directory).filter { $0.tag != tag }
        let all = entries(of: directory).count
        guard kept.count < all, all == count else { return zeroValues(of: tag, in: directory, &result) }
        // The result's bytes, not the original's: a value may have been erased.
        let bytes = kept.map { result.subdata(in: range($0.offset, Entry.byteCount, of: result)) }
        let link = nextDirectoryLink(of: directory).map { result.subdata(in: range($0, 4, of: result)) }
        write(kept.count, bytes: 2, at: directory, into: &result)
        var offset = directory + 2
        for part in bytes + [link ?? Data()] {
            result.replaceSubrange(range(offset, part.count, of: result), with: part)
            offset += part.count
        }
        zero(offset, (all - kept.count) * Entry.byteCount, in: &result)
    }

    /// A directory that is cut off cannot be closed up; the link then leads to 0, which is no directory.
    private func zeroValues(of tag: Int, in directory: Int, _ result: inout Data) {
        for entry in entries(of: directory) where entry.tag == tag { zero(entry.valueOffset, 4, in: &result) }
    }

    /// Sets bytes to zero as far as the Exif block goes.
    private func zero(_ offset: Int, _ count: Int, in result: inout Data) {
        let end = min(offset + count, result.count)
        guard offset >= 0, count > 0, offset < end else { return }
        result.replaceSubrange(range(offset, end - offset, of: result), with: Data(count: end - offset))
    }

    private func range(_ offset: Int, _ count: Int, of data: Data) -> Range<Data.Index> {
        data.startIndex + offset..<data.startIndex + offset + count
    }
}
