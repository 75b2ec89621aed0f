using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// What Salsa20 needs of a vector that holds a row of four words of one or two blocks, side by side. The
/// operations are static so that a width is chosen by a type argument and costs nothing.
/// </summary>
interface IRows<TVector> where TVector : struct
{
    /// <summary>Rows in the vector, each of a block of its own.</summary>
    static abstract int Count { get; }

    /// <summary>The same row for every block.</summary>
    static abstract TVector Same(Vector128<uint> row);

    /// <summary>A row for each block, <see cref="Count"/> of them, beginning here.</summary>
    static abstract TVector Load(ref readonly Vector128<uint> rows);

    static abstract TVector Add(TVector left, TVector right);

    /// <summary>The one step that Salsa20 is made of: <c>target ^ ((left + right) &lt;&lt;&lt; bits)</c>.</summary>
    static abstract TVector Mix(TVector target, TVector left, TVector right, [ConstantExpected] byte bits);

    /// <summary>Moves the words of each row: word i is the old word (i + <paramref name="by"/>) mod 4.</summary>
    static abstract TVector Turn(TVector rows, [ConstantExpected] byte by);

    /// <summary>Takes the words from the first where the mask's bits are 1, else from the second.</summary>
    static abstract TVector Choose(TVector mask, TVector first, TVector second);

    /// <summary>Writes blocks of 64 bytes one after another, given the four rows of each.</summary>
    static abstract void Store(ref byte to, TVector row0, TVector row1, TVector row2, TVector row3);
}
