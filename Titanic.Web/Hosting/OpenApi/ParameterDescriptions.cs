using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Ingest;
using Titanic.Web.Registry;
using Titanic.Web.Serving.Feedback;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// For parameters, by name or as "operation.parameter": an example that works, the allowed words, and a description where the endpoint has
/// no XML comment for the parameter.
/// </summary>
internal static class ParameterDescriptions
{
    private sealed record Words(string? Description = null, JsonNode? Example = null, IReadOnlyList<string>? Allowed = null);

    private static readonly Words _inService = new("The number of the version in service, or champion; any other is a 404.", ModelAliases.Champion);

    private static readonly Dictionary<string, Words> _all = new()
    {
        ["a"] = new(Example: "1"),
        ["b"] = new(Example: "champion"),
        ["after"] = new("Where the page starts, as the page before gave it; the first when it is left out."),
        ["alias"] = new("An alias.", "champion", ModelAliases.All),
        ["assignAlias.alias"] = new("champion or challenger; previous follows the champion by itself.", "challenger", ModelAliases.All),
        ["withdrawAlias.alias"] = new("challenger; no other can be taken away.", "challenger", ModelAliases.All),
        ["rollBackAlias.alias"] = new("champion; no other can be rolled back.", "champion", ModelAliases.All),
        ["listVersions.alias"] = new(Allowed: ModelAliases.All),
        ["asOf"] = new("A commit (17), a day (2026-11-23, its end in UTC) or an instant (2026-11-23T18:00:00Z); now when it is left out.", "1"),
        ["before"] = new("Only what has a smaller number; the newest when it is left out."),
        ["challenger"] = new("For training: the learner to register instead of the K-NN.", null, AlternativeLearners.Names),
        ["event"] = new(Example: "start", Allowed: ["start"]),
        ["explain"] = new("Also say why: neighbours, the smallest change that would turn the answer, and the answer to every other value.", true),
        ["feedbackId"] = new("Its number.", 1),
        ["format"] = new(Example: "csv", Allowed: ["csv", "parquet"]),
        ["id"] = new("Its number.", 1),
        ["key"] = new("The passenger's number in its source.", "1"),
        ["deletePassenger.key"] = new("The passenger's number in its source.", "892"),
        ["listFeedback.kind"] = new("Only feedback of this kind.", "odd", FeedbackKinds.All),
        ["limit"] = new("How many to give at most.", 10),
        ["startRun.name"] = new("A pipeline.", "monitoring", PipelineNames.InOrder),
        ["showFeatureView.name"] = new("A view's name.", "titanic_binned"),
        ["policy"] = new(Example: "always", Allowed: ["always", "strict"]),
        ["reason"] = new("Why; required.", "It has been looked at."),
        ["scope"] = new("A source; all of them together when it is left out.", "titanic3", StatisticsReader.Scopes),
        ["source"] = new("A source of passengers.", "titanic3", PassengerSources.All),
        ["sendPassengers.source"] = new(Example: "api", Allowed: IngestionApi.SourcesOfSenders),
        ["sendOutcomes.source"] = new(Example: "api", Allowed: PassengerSources.All),
        ["deletePassenger.source"] = new("A source of passengers.", "api", PassengerSources.All),
        ["verdict"] = new(Allowed: VersionFilter.Verdicts),
        ["verify"] = new(Example: true),
        ["version"] = new("A version's number, or an alias.", "champion"),
        ["name"] = new("The model's name.", ModelRegistry.ModelName),
        ["describeVersion.version"] = new("A version's number.", 1),
        ["showFeatureView.version"] = new("Of the view.", 1),
        ["describeInferenceVersion.version"] = _inService,
        ["showInferenceVersionReadiness.version"] = _inService,
        ["inferByVersion.version"] = _inService,
        ["explainByVersion.version"] = _inService,
    };

    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            parameter.Name = char.ToLowerInvariant(parameter.Name![0]) + parameter.Name[1..]; // a record's members, as the API writes them
            if (!_all.TryGetValue($"{operation.OperationId}.{parameter.Name}", out var words) && !_all.TryGetValue(parameter.Name, out words))
                continue;
            parameter.Description ??= words.Description;
            parameter.Example = words.Example?.DeepClone();
            if (words.Allowed is not null && parameter.Schema is OpenApiSchema schema)
                SchemaDescriptions.Restrict(schema, words.Allowed);
        }
        return Task.CompletedTask;
    }
}
