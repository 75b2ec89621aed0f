using Microsoft.Extensions.Logging;
using TriggerFs.Core;
using TriggerFs.Core.Wire;

namespace TriggerFs.Broker;

/// <summary>What every part of the broker's decisions shares: the moment, the world, and what is stored.</summary>
sealed class Surroundings(IEffects effects, Roster roster, BrokerOptions options, Instant start)
{
    /// <summary>The moment of the happening that is being decided; set once at its beginning.</summary>
    public Instant Now { get; set; } = start;

    /// <summary>By which stored messages have their times.</summary>
    public EvenClock Clock { get; } = new(start);

    public IEffects Effects => effects;

    public Roster Roster => roster;

    /// <summary>Its settings, as they were read last.</summary>
    public BrokerOptions Options { get; set; } = options;

    /// <summary>It is about to stop: nothing new is begun.</summary>
    public bool IsDraining { get; set; }

    public ILogger Log => effects.Log;

    /// <summary>The one buffer in which messages are written, each sent before the next is begun.</summary>
    public WireWriter Wire { get; } = new();

    /// <summary>The steady moment, in ms.</summary>
    public long NowMs => Now.SteadyMs;
}
