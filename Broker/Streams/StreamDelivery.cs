using TriggerFs.Broker.Jobs;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Streams;

/// <summary>
/// How what a stream writes comes to those who listen: to each as far as he takes it in. One who is nearly as far
/// behind as the broker keeps holds the worker up, for a while, and is then cut off.
/// </summary>
sealed partial class StreamDesk
{
    /// <summary>Above it the worker gets no credit: what it has under way still finds room.</summary>
    private const ulong HoldAbove = Limits.StreamBytesMax - Limits.StreamWindow;

    /// <summary>Below it one who held the stream up does not any more.</summary>
    private const ulong CaughtUpBelow = Limits.StreamBytesMax / 2;

    /// <summary>An empty piece says where he begins, and that he is heard.</summary>
    private void SayWhere(Listener listener)
    {
        new Output { Id = listener.Id, Offset = listener.Sent }.WriteHead(around.Wire);
        peers.Send(listener.Peer);
    }

    /// <summary>Sends a listener what he has not had, and how it ended behind all of it.</summary>
    private void Serve(Listener listener)
    {
        StreamRing ring = listener.Stream.Ring;
        while (listener.Sent - listener.Credited < Limits.ListenerWindow
            && ring.TryRead(listener.Sent, out StreamPiece piece, out ReadOnlySpan<byte> bytes))
        {
            var output = new Output
            {
                Id = listener.Id,
                Offset = listener.Sent,
                Flags = piece.Flags,
                Worker = piece.Worker,
                Bytes = bytes,
            };
            output.WriteHead(around.Wire);
            peers.Send(listener.Peer, bytes);
            listener.Sent += (ulong)bytes.Length;
        }
        if (listener.Stream.End is { } end && listener.Sent == ring.End) Finish(listener, end);
    }

    private void Finish(Listener listener, StreamEnd end)
    {
        var finished = new Finished
        {
            Id = listener.Id,
            Flags = Finished.Last,
            Outcome = end.Outcome,
            ExitCode = end.ExitCode,
            Offset = listener.Sent,
            DurationMs = end.DurationMs,
            Worker = end.Worker,
            Detail = end.Detail,
        };
        finished.WriteHead(around.Wire);
        peers.Send(listener.Peer);
        Remove(listener);
    }

    /// <summary>Puts something into the stream, and all who listen get it.</summary>
    private void Put(LiveStream stream, byte flags, byte[] worker, ReadOnlySpan<byte> bytes)
    {
        stream.Ring.Add(bytes, flags, worker, around.NowMs);
        for (int i = stream.Listeners.Count - 1; i >= 0; i--)
        {
            Listener listener = stream.Listeners[i];
            Serve(listener);
            if (listener.Sent < stream.Ring.Start) CutOff(listener);
        }
        Release(stream);
    }

    /// <summary>Lets the worker go on, unless somebody is too far behind.</summary>
    private void Release(LiveStream stream)
    {
        if (stream.Job is not { } job) return;
        if (stream.Slowest is { } slowest && stream.Ring.End - slowest.Sent > HoldAbove) return;
        flow.Credit(job);
    }

    private void CutOffSlow(LiveStream stream)
    {
        ulong end = stream.Ring.End;
        foreach (Listener listener in stream.Listeners)
        {
            ulong behind = end - listener.Sent;
            if (behind < CaughtUpBelow) listener.BehindSinceMs = 0;
            else if (behind > HoldAbove && listener.BehindSinceMs == 0) listener.BehindSinceMs = around.NowMs;
        }
        for (int i = stream.Listeners.Count - 1; i >= 0; i--)
            if (IsTooSlow(stream.Listeners[i])) CutOff(stream.Listeners[i]);
    }

    /// <summary>
    /// He holds the stream up for too long, and others would go on faster. Where all are equally slow the plugin waits
    /// for them, as for any reader.
    /// </summary>
    private bool IsTooSlow(Listener listener) =>
        listener.BehindSinceMs != 0
        && around.NowMs - listener.BehindSinceMs >= Limits.StreamPatience.TotalMilliseconds
        && listener.Stream.Listeners.Exists(static other => other.BehindSinceMs == 0);

    private void CutOff(Listener listener)
    {
        ulong behind = listener.Stream.Ring.End - listener.Sent;
        Log.CutOff(around.Log, listener.Session.Team.Name.Value, listener.Session.User.Name.Value,
            listener.Stream.Key.Plugin, listener.Stream.Service.Name.Value, (long)behind);
        Refuse(listener, new(ErrorCode.Busy, "you were cut off: the stream is faster than it was read",
            $"{behind >> 10} KiB were waiting, and others listen, too",
            "listen again; --last N shows what is kept; a filter on the worker's side makes it less"));
    }
}
