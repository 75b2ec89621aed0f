using System.Diagnostics.CodeAnalysis;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// What Salsa20 needs of a vector whose lanes each work on a block of their own. The operations are static so that a
/// width is chosen by a type argument and costs nothing.
/// </summary>
interface ILanes<TVector> where TVector : struct
{
    /// <summary>Lanes in the vector, so blocks in a pass; a power of two.</summary>
    static abstract int Count { get; }

    /// <summary>The word in every lane.</summary>
    static abstract TVector Same(uint word);

    /// <summary>A word for each lane; there are at least <see cref="Count"/>.</summary>
    static abstract TVector Each(ReadOnlySpan<uint> words);

    static abstract TVector Add(TVector left, TVector right);

    /// <summary>The one step that Salsa20 is made of: <c>target ^ ((left + right) &lt;&lt;&lt; bits)</c>.</summary>
    static abstract TVector Mix(TVector target, TVector left, TVector right, [ConstantExpected] byte bits);

    /// <summary>Turns sixteen words of many blocks into many blocks of sixteen words, one after another.</summary>
    static abstract void Store(
        ref byte to,
        TVector x0, TVector x1, TVector x2, TVector x3, TVector x4, TVector x5, TVector x6, TVector x7,
        TVector x8, TVector x9, TVector x10, TVector x11, TVector x12, TVector x13, TVector x14, TVector x15);
}
