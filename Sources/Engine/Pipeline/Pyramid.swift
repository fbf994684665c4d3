/// A picture at its own size, at half of it and so on: blur that is too long for U at one size is short at the next smaller one (Nah et al.
/// 2017, section 3.1; Tao et al. 2018). U restores the smallest first, and each larger one with the help of what the one before became. Not
/// in the paper; all in one step from the same t.
enum Pyramid {
    /// - Parameter image: `[channels, height, width]`, sides multiples of 2 to the power `scales - 1`
    /// - Returns: the picture itself first
    static func levels(of image: Tensor, scales: Int) -> [Tensor] {
        (0..<scales).map { $0 == 0 ? image : Ops.meanPool(image, by: 1 << $0) }
    }

    /// A picture with what is coarse in it replaced.
    /// - Parameter coarse: what the picture at half its size became
    static func guess(_ image: Tensor, _ coarse: consuming Tensor) -> Tensor {
        Ops.sum(Ops.bicubicX2(Ops.mix(coarse, times: 1, Ops.meanPool(image, by: 2), times: -1)), image)
    }
}
