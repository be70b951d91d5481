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

/// <summary>What parameters mean, which words they take, and one that works: for all operations, or as "operation.parameter" for one.</summary>
internal static class ParameterWords
{
    private sealed record Words(string Description, JsonNode? Example = null, IReadOnlyList<string>? Allowed = null);

    private static readonly Words _inService = new("The number of the version in service, or champion; any other is a 404.", ModelAliases.Champion);

    private static readonly Dictionary<string, Words> _all = new()
    {
        ["a"] = new("A version's number, or an alias.", "1"),
        ["b"] = new("Another; differences are its figure minus the first's.", "champion"),
        ["after"] = new("Where the page starts, as the page before gave it; the first when it is left out."),
        ["listPassengers.after"] = new("\"source/key\" behind which the page starts, as the page before gave it."),
        ["alias"] = new("An alias.", "champion", ModelAliases.All),
        ["assignAlias.alias"] = new("champion or challenger; previous follows the champion by itself.", "challenger", ModelAliases.All),
        ["withdrawAlias.alias"] = new("challenger; no other can be taken away.", "challenger", ModelAliases.All),
        ["rollBackAlias.alias"] = new("champion; no other can be rolled back.", "champion", ModelAliases.All),
        ["listVersions.alias"] = new("Only the version that this alias names now.", null, ModelAliases.All),
        ["asOf"] = new("A commit (17), a day (2026-11-23, its end in UTC) or an instant (2026-11-23T18:00:00Z); now when it is left out.", "1"),
        ["before"] = new("Only what has a smaller number; the newest when it is left out."),
        ["challenger"] = new("For training: the learner to register instead of the K-NN.", null, AlternativeLearners.Names),
        ["event"] = new("start for the event of the start; the newest when it is left out.", "start", ["start"]),
        ["explain"] = new("Also say why: neighbours, the smallest change that would turn the answer, and the answer to every other value.", true),
        ["feedbackId"] = new("Its number.", 1),
        ["format"] = new("csv when it is left out.", "csv", ["csv", "parquet"]),
        ["id"] = new("Its number.", 1),
        ["key"] = new("The passenger's number in its source.", "1"),
        ["deletePassenger.key"] = new("The passenger's number in its source.", "892"),
        ["listFeedback.kind"] = new("Only what says this.", "odd", FeedbackKinds.All),
        ["limit"] = new("How many to give at most.", 10),
        ["startRun.name"] = new("A pipeline.", "monitoring", PipelineNames.InOrder),
        ["showFeatureView.name"] = new("A view's name.", "titanic_binned"),
        ["policy"] = new("always keeps the good rows; strict refuses everything for one broken expectation.", "always", ["always", "strict"]),
        ["reason"] = new("Why; required.", "It has been looked at."),
        ["scope"] = new("A source; all of them together when it is left out.", "titanic3", StatisticsReader.Scopes),
        ["source"] = new("A source of passengers.", "titanic3", PassengerSources.All),
        ["sendPassengers.source"] = new("Of the rows; upload is history, which is learned without having been predicted.", "api", IngestionApi.SourcesOfSenders),
        ["sendOutcomes.source"] = new("Of the passengers whose row does not name theirs; api when it is left out.", "api", PassengerSources.All),
        ["deletePassenger.source"] = new("A source of passengers.", "api", PassengerSources.All),
        ["verdict"] = new("Only versions of which the gate said this.", null, VersionFilter.Verdicts),
        ["verify"] = new("Also read the stored bytes, and answer the input example by them.", true),
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
            parameter.Description = words.Description;
            parameter.Example = words.Example?.DeepClone();
            if (words.Allowed is not null && parameter.Schema is OpenApiSchema schema)
                SchemaWords.Restrict(schema, words.Allowed);
        }
        return Task.CompletedTask;
    }
}
