using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>
/// Generates JSON values that a schema of the document allows, including its limits, and values that it mostly does not allow.
/// </summary>
internal sealed class SchemaValues(Contract contract)
{
    private static readonly JsonNode?[] _unusualValues =
    [
        null, true, -1, 0, 4, 0.5, 2147483648, long.MaxValue, 1e300, "", " ", "a\0b", "💥", "1", "male ", "\u202e", new string('x', 5000), new JsonArray(), new JsonObject(),
        new JsonArray(new JsonArray(new JsonArray())), new JsonObject { ["a"] = new JsonObject { ["b"] = 1 } },
    ];

    public Gen<JsonNode?> Valid(JsonNode node)
    {
        var schema = contract.Resolve(node);
        if (schema["oneOf"] is JsonArray choices)
            return Gen.OneOf(choices.Select(choice => Valid(choice!)));
        if (schema["enum"] is JsonArray allowed)
            return Gen.Elements(allowed.ToArray()).Select(value => value?.DeepClone());
        if (schema["type"] is null && schema["properties"] is null)
            return AnyValue();
        var types = schema["type"] is JsonArray several ? several.Select(type => type!.GetValue<string>()).ToList() : [schema["type"]?.GetValue<string>() ?? "object"];
        return Gen.Elements<string>(types).SelectMany(type => OfType(type, schema));
    }

    /// <summary>Mostly a valid value in which a member is replaced, missing, added or renamed; else an unusual value.</summary>
    public Gen<JsonNode?> Invalid(JsonNode node) => Gen.Frequency((1, UnusualValue()), (6, Valid(node).SelectMany(Mutate)));

    private Gen<JsonNode?> OfType(string type, JsonObject schema) => type switch
    {
        "null" => Gen.Constant<JsonNode?>(null),
        "boolean" => Gen.Elements(true, false).Select(value => (JsonNode?)value),
        "integer" => Numbers(schema, 1).Select(value => (JsonNode?)(long)value),
        "number" => Numbers(schema, 0.25).Select(value => (JsonNode?)value),
        "string" => Text(schema).Select(text => (JsonNode?)text),
        "array" =>
            from count in Gen.Choose(schema["minItems"]?.GetValue<int>() ?? 0, 3)
            from items in (schema["items"] is { } itemSchema ? Valid(itemSchema) : AnyValue()).ArrayOf(count)
            select (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]),
        _ => Members(schema),
    };

    private static Gen<double> Numbers(JsonObject schema, double step)
    {
        var (low, high) = (schema["minimum"]?.GetValue<double>() ?? -1, schema["maximum"]?.GetValue<double>() ?? 50);
        var between = Gen.Choose(0, 1000).Select(share => Math.Clamp(Math.Round((low + ((high - low) * share / 1000)) / step) * step, low, high));
        return Gen.Frequency((1, Gen.Constant(low)), (1, Gen.Constant(high)), (4, between));
    }

    private static Gen<string> Text(JsonObject schema) => schema["format"]?.GetValue<string>() switch
    {
        "date" => Gen.Elements("1912-04-15", "2026-11-23"),
        "date-time" => Gen.Elements("1912-04-15T00:00:00Z", "2026-11-23T18:00:00+01:00"),
        _ => Gen.Elements("a", "Zoë", "champion", "1", "titanic_binned", "2026-03-01", "It has been looked at.", new string('y', 600)),
    };

    private Gen<JsonNode?> Members(JsonObject schema)
    {
        if (schema["properties"] is not JsonObject members)
            return Gen.Elements<JsonNode?>(new JsonObject(), new JsonObject { ["team"] = "deck" }).Select(value => value?.DeepClone());
        var required = schema["required"]?.AsArray().Select(name => name!.GetValue<string>()).ToHashSet() ?? [];
        return members.Aggregate(Gen.Constant(new JsonObject()), (all, member) =>
            from before in all
            from isIncluded in required.Contains(member.Key) ? Gen.Constant(true) : Gen.Elements(true, false)
            from value in Valid(member.Value!)
            select isIncluded ? With(before, member.Key, value) : before).Select(value => (JsonNode?)value);
    }

    /// <summary>A value for a schema without constraints.</summary>
    private static Gen<JsonNode?> AnyValue() => Gen.OneOf(
        UnusualValue(),
        from count in Gen.Choose(0, 3)
        from items in UnusualValue().ArrayOf(count)
        select (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]));

    private static Gen<JsonNode?> UnusualValue() => Gen.Elements(_unusualValues).Select(value => value?.DeepClone());

    private static Gen<JsonNode?> Mutate(JsonNode? valid) => valid switch
    {
        JsonArray { Count: > 0 } items =>
            from index in Gen.Choose(0, items.Count - 1)
            from other in Mutate(items[index])
            select (JsonNode?)new JsonArray([.. items.Select((item, i) => i == index ? other?.DeepClone() : item?.DeepClone())]),
        JsonObject { Count: > 0 } members =>
            from name in Gen.Elements<string>(members.Select(member => member.Key))
            from mutation in Gen.Choose(0, 4)
            from other in UnusualValue()
            select mutation switch
            {
                0 => (JsonNode?)Without(members, name),
                1 => With(members, "nothing", other),
                2 => With(Without(members, name), name.ToUpperInvariant(), members[name]),
                _ => With(members, name, other),
            },
        _ => UnusualValue(),
    };

    private static JsonObject With(JsonObject members, string name, JsonNode? value)
    {
        var copy = members.DeepClone().AsObject();
        copy[name] = value?.DeepClone();
        return copy;
    }

    private static JsonObject Without(JsonObject members, string name)
    {
        var copy = members.DeepClone().AsObject();
        copy.Remove(name);
        return copy;
    }
}
