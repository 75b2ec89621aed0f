using System.Diagnostics.CodeAnalysis;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// What Poly1305 needs of a vector whose 64-bit lanes each sum blocks of their own, in limbs of 26 bits.
/// </summary>
interface ILimbs<TVector> where TVector : struct
{
    /// <summary>Lanes in the vector, so blocks in a step.</summary>
    static abstract int Count { get; }

    static abstract TVector Same(ulong value);

    /// <summary>Lane i gets the value for the block that <see cref="LoadBlocks"/> puts into lane i.</summary>
    static abstract TVector Each(ReadOnlySpan<ulong> valueOfBlock);

    /// <summary>
    /// The lower and the upper halves of as many blocks as there are lanes; which lane has which is fixed.
    /// </summary>
    static abstract void LoadBlocks(ref readonly byte at, out TVector low, out TVector high);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector And(TVector left, TVector right);

    static abstract TVector Or(TVector left, TVector right);

    static abstract TVector Left(TVector value, [ConstantExpected] byte bits);

    static abstract TVector Right(TVector value, [ConstantExpected] byte bits);

    /// <summary>The product of the lower 32 bits of each lane, 64 bits.</summary>
    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>The sum of all lanes.</summary>
    static abstract ulong Sum(TVector value);
}
