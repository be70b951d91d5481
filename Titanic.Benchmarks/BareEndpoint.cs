using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// The cost of ASP.NET Core alone: a minimal-API endpoint that reads a typed request and writes a response with the product's members and
/// length, with the framework's defaults. It uses no model, validates nothing and stores nothing.
/// </summary>
internal static class BareEndpoint
{
    /// <summary>
    /// Starts this program as a separate process with the product's runtime settings, so that both use the same garbage collector.
    /// </summary>
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
        app.MapPost("/api/predictions", (BareRequest request) => new BareResponse(
            null, true, 14.0 / 15, 13, 13, 1, request.Pclass, request.Sex, request.Age, request.Fare, "titanic_binned/1",
            [new("pclass", 1, "1st class"), new("sex", 1, "female"), new("age_group", 3, "Young adult"), new("fare_band", 4, "over £75 to £100")],
            "api", DateTimeOffset.UtcNow));
        await app.RunAsync();
    }

    private sealed record BareRequest(int Pclass, string Sex, double? Age, double? Fare);

    private sealed record BareResponse(
        long? Id, bool Survived, double Probability, int Survivors, int Neighbors, int ModelVersion,
        int Pclass, string Sex, double? Age, double? Fare, string Encoder, IReadOnlyList<BareEncodedFeature> Encoded, string Source, DateTimeOffset CreatedAt);

    private sealed record BareEncodedFeature(string Feature, double Value, string Meaning);
}
