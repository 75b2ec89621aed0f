using TriggerFs.Core;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>Stands for a writer who is not there to hear: of a message that an earlier process took, say.</summary>
sealed class NoWriter : IFired
{
    public static readonly NoWriter Instance = new();

    public void Taken()
    {
    }

    public bool Output(ReadOnlySpan<byte> bytes, bool isError, IOutputSource? source) => true;

    public void Ended(ErrorCode? failure, int exitCode, RunId run)
    {
    }
}
