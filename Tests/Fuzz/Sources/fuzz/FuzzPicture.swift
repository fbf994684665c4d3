@testable import Engine
import Foundation

/// A file that somebody sends: it is refused, or decoded, and then comes back as it is through a PNG, and is written as JPEG; without its metadata it is a picture still.
func fuzzPicture(_ data: [UInt8]) -> Int32 {
    let data = Data(data)
    guard let info = try? ImageInfo(of: data), info.width * info.height <= 1 << 16, let photograph = try? PhotographDecoder.decode(data)
    else { return 0 }
    let png = try! PhotographEncoder.encode(photograph, as: .png)
    let again = try! PhotographDecoder.decode(png)
    precondition(again.width == photograph.width && again.height == photograph.height)
    _ = try! PhotographEncoder.encode(photograph, as: .jpeg)
    for policy in [MetadataPolicy.strip, .stripGPS] {
        _ = photograph.metadata.applying(policy)
        if let cut = MetadataCut.apply(policy, to: data, info.format) { _ = try! PhotographDecoder.decode(cut) }
    }
    return 0
}
