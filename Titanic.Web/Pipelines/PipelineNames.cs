namespace Titanic.Web.Pipelines;

/// <summary>The pipelines: four that a day goes through, and one that looks after the models at night.</summary>
public static class PipelineNames
{
    public const string Feature = "feature";
    public const string Inference = "inference";
    public const string Training = "training";
    public const string Monitoring = "monitoring";
    public const string Audit = "audit";

    /// <summary>What a day goes through, in this order; what is simulated is no more than these.</summary>
    public static IReadOnlyList<string> OfADay { get; } = [Feature, Inference, Training, Monitoring];

    public static IReadOnlyList<string> InOrder { get; } = [.. OfADay, Audit];

    /// <summary>The pipeline that must have finished a day before this one may take it; null for the first, and for the audit, which asks versions and not days.</summary>
    public static string? UpstreamOf(string pipeline) => pipeline switch
    {
        Inference => Feature,
        Training or Monitoring => Inference,
        _ => null,
    };

    /// <summary>Whether a missed day is made good by the next: a model of today knows all that one of yesterday would, and an audit looks at all versions in turn.</summary>
    public static bool TakesOnlyTheLatestDay(string pipeline) => pipeline is Training or Audit;

    /// <summary>The Hangfire queue that carries a pipeline's runs.</summary>
    public static string QueueOf(string pipeline) => pipeline == Feature ? "features" : pipeline;
}
