namespace Titanic.Web.Pipelines;

/// <summary>The pipelines in the order in which a day goes through them.</summary>
public static class PipelineNames
{
    public const string Feature = "feature";
    public const string Inference = "inference";
    public const string Training = "training";
    public const string Monitoring = "monitoring";

    public static IReadOnlyList<string> InOrder { get; } = [Feature, Inference, Training, Monitoring];

    /// <summary>The pipeline that must have finished a day before this one may take it; null for the first.</summary>
    public static string? UpstreamOf(string pipeline) => pipeline switch
    {
        Inference => Feature,
        Training or Monitoring => Inference,
        _ => null,
    };

    /// <summary>The Hangfire queue that carries a pipeline's runs.</summary>
    public static string QueueOf(string pipeline) => pipeline == Feature ? "features" : pipeline;
}
