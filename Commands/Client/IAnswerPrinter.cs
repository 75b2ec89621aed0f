using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>
/// Shows the answers to one request in some form. Called on the writer's thread alone; may block while the reader of
/// the output does. A chunk that was taken in is reported by the printer to its consumer once it is written.
/// </summary>
interface IAnswerPrinter
{
    void Dispatched(Dispatched dispatched);

    void Output(OutputChunk chunk);

    void Ended(RunEnd end);

    /// <summary>The last line that was written has no end yet.</summary>
    bool IsMidLine => false;

    /// <summary>Nothing follows.</summary>
    void Close(RequestEnd end);
}
