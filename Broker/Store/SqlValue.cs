namespace TriggerFs.Broker.Store;

/// <summary>A value of a statement's parameter: a number, a text, bytes, or NULL; numbers without a box.</summary>
readonly struct SqlValue
{
    private SqlValue(long? number, object? reference) => (Number, Reference) = (number, reference);

    /// <summary>The number; null when it is none.</summary>
    public long? Number { get; }

    /// <summary>A string or a byte[]; null when it is neither.</summary>
    public object? Reference { get; }

    public static implicit operator SqlValue(long? number) => new(number, null);

    public static implicit operator SqlValue(long number) => new(number, null);

    public static implicit operator SqlValue(string? text) => new(null, text);

    public static implicit operator SqlValue(byte[]? bytes) => new(null, bytes);
}
