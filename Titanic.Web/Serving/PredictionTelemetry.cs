using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Titanic.Web.Serving;

/// <summary>The counter of predictions, and the tags that lead from the trace of a request to its predictions.</summary>
internal static class PredictionTelemetry
{
    private static readonly Counter<long> _predictions = ProductTelemetry.Meter.CreateCounter<long>(
        "titanic.predictions", "{prediction}", "Predictions that were made by this process, counted after they are durable.");

    /// <param name="source">One of <see cref="PredictionSources"/>.</param>
    /// <param name="modelVersion">The version that predicted.</param>
    /// <param name="count">The number of predictions.</param>
    public static void Count(string source, int modelVersion, int count) =>
        _predictions.Add(count, new("source", source), new KeyValuePair<string, object?>("model.version", modelVersion));

    /// <summary>Tags the activity of the request, if its trace is recorded, with version, first id and number of predictions.</summary>
    public static void Tag(PredictionResult result)
    {
        if (Activity.Current is not { Recorded: true } request)
            return;
        request.SetTag("titanic.model.version", result.Model.Version);
        request.SetTag("titanic.prediction.count", result.Inputs.Length);
        if (result.Ids is { } ids)
            request.SetTag("titanic.prediction.id", ids[0]);
    }
}
