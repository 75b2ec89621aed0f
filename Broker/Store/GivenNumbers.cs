using Microsoft.Data.Sqlite;

namespace TriggerFs.Broker.Store;

/// <summary>
/// Writes down the highest number that was given to anything, within the caller's transaction: none is given twice,
/// whatever is deleted.
/// </summary>
sealed class GivenNumbers(SqliteConnection connection) : IDisposable
{
    /// <summary>
    /// Numbers that are written down before messages have them: a page less for nearly each commit. Those that were not
    /// given when a broker is killed are passed over.
    /// </summary>
    public const long Ahead = 1000;

    private readonly Prepared _raise =
        new(connection, "UPDATE meta SET value = ?1 WHERE name = 'last id' AND value < ?1");

    private readonly Prepared _lower =
        new(connection, "UPDATE meta SET value = ?1 WHERE name = 'last id' AND value = ?2");

    private long _given;
    private bool _isMessage;

    /// <summary>What is written down, which may be more than was given; 0 when that is not known.</summary>
    private long _written;

    public void Give(long number) => _given = Math.Max(_given, number);

    public void GiveMessage(long number)
    {
        Give(number);
        _isMessage = true;
    }

    /// <summary>Writes down what was given since the last call, if it is not yet.</summary>
    public void Write()
    {
        if (_given <= _written) return;
        // A message that is stored once more may be older than all that was given by the broker before this one.
        if (_written == 0) Give(Schema.Scalar(connection, "SELECT value FROM meta WHERE name = 'last id'"));
        long last = _isMessage ? _given + Ahead : _given;
        _raise.Run(last);
        _written = last;
        _isMessage = false;
    }

    /// <summary>What was written in the transaction may be undone.</summary>
    public void Undone() => _written = 0;

    /// <summary>Nothing more is given: what was written down ahead is free again.</summary>
    public void End()
    {
        if (_written > _given) _lower.Run(_given, _written);
        _written = 0;
    }

    public void Dispose()
    {
        _raise.Dispose();
        _lower.Dispose();
    }
}
