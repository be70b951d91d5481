using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Lifecycle.Lineage;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>Which words and numbers a member can have where its type does not say: taken from the code that judges them.</summary>
internal static class SchemaDescriptions
{
    private static readonly IReadOnlyList<string> _sexes = [SexConverter.Format(Sex.Male), SexConverter.Format(Sex.Female)];

    private static readonly Dictionary<(Type Type, string Member), IReadOnlyList<string>> _words = new()
    {
        [(typeof(PredictionInput), "sex")] = _sexes,
        [(typeof(PredictionAnswer), "sex")] = _sexes,
        [(typeof(ReceiptAnswer), "sex")] = _sexes,
        [(typeof(PassengerAnswer), "sex")] = _sexes,
        [(typeof(PassengerAnswer), "source")] = PassengerSources.All,
        [(typeof(ChangeAnswer), "source")] = PassengerSources.All,
        [(typeof(ChangeAnswer), "kind")] = ["inserted", "updated", "deleted", "outcome"],
        [(typeof(StatisticsAnswer), "scope")] = StatisticsReader.Scopes,
        [(typeof(AliasMoveAnswer), "alias")] = ModelAliases.All,
        [(typeof(AliasChange), "alias")] = ModelAliases.All,
        [(typeof(VersionAnswer), "aliases")] = ModelAliases.All,
        [(typeof(ListedVersionAnswer), "aliases")] = ModelAliases.All,
        [(typeof(ReproductionAnswer), "verdict")] = Names<ReproductionVerdict>(),
        [(typeof(Lifecycle.Lineage.CheckAnswer), "result")] = ["passed", "failed", "notMade"],
        [(typeof(RunAnswer), "pipeline")] = PipelineNames.InOrder,
        [(typeof(RunAnswer), "status")] = Names<RunStatus>(),
        [(typeof(RunAnswer), "trigger")] = Names<RunTrigger>(),
        [(typeof(RunAnswer), "policy")] = Names<IngestionPolicy>(),
        [(typeof(RunAnswer), "challenger")] = AlternativeLearners.Names,
        [(typeof(PipelinesApi.StartRun), "challenger")] = AlternativeLearners.Names,
        [(typeof(TrainingDatasetRequest), "sources")] = PassengerSources.All,
    };

    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (context.JsonTypeInfo.Type.IsEnum && schema.Enum is { Count: > 0 })
            schema.Type = JsonSchemaType.String;
        if (schema.Type?.HasFlag(JsonSchemaType.Array) == true)
            schema.Items ??= new OpenApiSchema(); // values of any kind
        if (context.JsonPropertyInfo is { } member)
            Describe(schema, member);
        foreach (var leftOut in context.JsonTypeInfo.Properties.Where(IsLeftOutWhenEmpty))
            schema.Required?.Remove(leftOut.Name);
        return Task.CompletedTask;
    }

    /// <summary>The framework takes every parameter of a record's constructor for one that is always written.</summary>
    private static bool IsLeftOutWhenEmpty(JsonPropertyInfo member) => member.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true)
        is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull or JsonIgnoreCondition.WhenWritingDefault }];

    private static void Describe(OpenApiSchema schema, JsonPropertyInfo member)
    {
        if (_words.TryGetValue((member.DeclaringType, member.Name), out var words))
            Restrict(schema.Items as OpenApiSchema ?? schema, words);
        if (member.Name.EndsWith("sha256", StringComparison.OrdinalIgnoreCase) && member.PropertyType == typeof(string))
            schema.Pattern = "^[0-9a-f]{64}$";
        if (member.DeclaringType == typeof(PredictionInput))
            Describe(schema, member.Name);
        if (member.Name == "asOf" && member.DeclaringType != typeof(RunAnswer))
            (schema.Type, schema.Description) = (JsonSchemaType.String | JsonSchemaType.Integer | JsonSchemaType.Null, "The number of a commit, a day (its end in UTC) or an instant; now when it is left out.");
    }

    /// <summary>The limits of <see cref="PassengerLimits"/>.</summary>
    private static void Describe(OpenApiSchema schema, string member)
    {
        switch (member)
        {
            case "pclass":
                (schema.Type, schema.Enum) = (JsonSchemaType.Integer, [1, 2, 3]);
                break;
            case "sex":
                (schema.Type, schema.Enum) = (JsonSchemaType.String, [.. _sexes.Select(sex => (JsonNode)sex)]);
                break;
            case "age":
                (schema.Minimum, schema.Maximum) = ("0", FormattableString.Invariant($"{PassengerLimits.MaximumAgeInYears}"));
                break;
            case "fare":
                (schema.Minimum, schema.Maximum) = ("0", FormattableString.Invariant($"{PassengerLimits.MaximumFareInPounds}"));
                break;
        }
    }

    public static void Restrict(OpenApiSchema schema, IEnumerable<string> words)
    {
        schema.Enum = [.. words.Select(word => (JsonNode)word)];
        if (schema.Type?.HasFlag(JsonSchemaType.Null) == true)
            schema.Enum.Add(JsonNullSentinel.JsonNull);
    }

    private static IReadOnlyList<string> Names<T>() where T : struct, Enum => [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
}

/// <summary>What schemas are called: as their type, and where two folders have one of the same name, after the folder as well.</summary>
internal static class SchemaNames
{
    private static readonly HashSet<string> _names = [.. typeof(SchemaNames).Assembly.GetTypes()
        .Where(type => !type.IsNested && !type.Name.StartsWith('<')).GroupBy(type => type.Name).Where(same => same.Count() > 1).Select(same => same.Key)];

    public static string? Of(JsonTypeInfo type)
    {
        var name = OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        if (type.Type == typeof(Passengers.Sex))
            return null; // a member's own words, "male" or "female"
        return name is not null && _names.Contains(name) ? type.Type.Namespace![(type.Type.Namespace!.LastIndexOf('.') + 1)..] + name : name;
    }
}

/// <summary>Takes out the schemas that nothing refers to any more, since the framework's problems are told by one of ours.</summary>
internal static class UsedSchemas
{
    private const string Schemas = "#/components/schemas/";

    public static async Task Keep(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        if (document.Components?.Schemas is not { } schemas)
            return;
        var written = JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellation))!;
        var used = new HashSet<string>();
        var next = new Queue<JsonNode>([written["paths"]!, written["components"]!["responses"]!]);
        while (next.TryDequeue(out var part))
        {
            foreach (var name in Referred(part).Where(used.Add).ToList())
                next.Enqueue(written["components"]!["schemas"]![name]!);
        }
        foreach (var unused in schemas.Keys.Except(used).ToList())
            schemas.Remove(unused);
    }

    private static IEnumerable<string> Referred(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member is { Key: "$ref", Value: JsonValue address } && address.GetValue<string>().StartsWith(Schemas, StringComparison.Ordinal)
            ? [address.GetValue<string>()[Schemas.Length..]]
            : Referred(member.Value)),
        JsonArray items => items.SelectMany(Referred),
        _ => [],
    };
}
