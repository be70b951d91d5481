using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// What ASP.NET Core costs by itself: a minimal-API endpoint that reads a typed question and writes an answer of the product's members and
/// length, by the framework's defaults. It asks no model, checks nothing and stores nothing.
/// </summary>
internal static class BareEndpoint
{
    /// <summary>A process of this very program, under the product's runtime settings, so that both have the same garbage collector.</summary>
    public static Task<ListeningProcess> Start() => ListeningProcess.Start(address => new ProcessStartInfo(
        "dotnet",
        [
            "exec", "--runtimeconfig", Path.ChangeExtension(typeof(Ingestion).Assembly.Location, "runtimeconfig.json"), typeof(BareEndpoint).Assembly.Location,
            "bare", $"{address}",
        ]));

    public static async Task Serve(string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(address);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapPost("/api/predictions", (Question question) => new Answer(
            null, true, 14.0 / 15, 13, 13, 1, question.Pclass, question.Sex, question.Age, question.Fare, "titanic_binned/1",
            [new("pclass", 1, "1st class"), new("sex", 1, "female"), new("age_group", 3, "Young adult"), new("fare_band", 4, "over £75 to £100")],
            "api", DateTimeOffset.UtcNow));
        await app.RunAsync();
    }

    private sealed record Question(int Pclass, string Sex, double? Age, double? Fare);

    private sealed record Answer(
        long? Id, bool Survived, double Probability, int Survivors, int Neighbors, int ModelVersion,
        int Pclass, string Sex, double? Age, double? Fare, string Encoder, IReadOnlyList<Encoded> Encoded, string Source, DateTimeOffset CreatedAt);

    private sealed record Encoded(string Feature, double Value, string Meaning);
}
