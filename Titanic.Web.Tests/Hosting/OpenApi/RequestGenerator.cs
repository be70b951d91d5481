using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>A valid or invalid request to an operation.</summary>
internal sealed record SentRequest(Operation Operation, string Address, string? ContentType, byte[]? Body, string Key, string? Accept)
{
    public override string ToString() =>
        $"{Operation.Method} {Address} (key {Key}, accept {Accept}) {ContentType}: {(Body is null ? "" : Encoding.UTF8.GetString(Body[..Math.Min(300, Body.Length)]))}";
}

/// <summary>Generates valid and invalid requests of an operation from the document.</summary>
internal sealed class RequestGenerator(SchemaValues values)
{
    private static readonly string[] _unusualTexts =
    [
        "0", "-1", "1", "2147483648", "99999999999999999999", "1.5", "1e3", "abc", "null", " ", "\0", "a\0b", "..%2f", "💥", "é\u202e", "'; drop table runs; --", "<b>", "champion ",
        "CHAMPION", "2026-11-23", "9999-12-31", "0001-01-01", "2026-13-45", "2026-11-23T18:00:00+99:00", "0001-01-01T00:00:00+14:00", "true", new string('x', 3000), "titanic3/", "/", "api/1\n",
    ];

    private static readonly byte[][] _garbage =
    [
        [], .. new[] { "{", "nul", "[]", "{}", "null", "\"x\"", "1", "[1]", "[null]", "{\"a\":1,}", "{\"a\":1}{", "{\"\\ud800\":1}", "[{\"passengerId\":\"\\ud800\"}]", new string('[', 200), "\ufeff{}", "a,b\n\"" }.Select(Encoding.UTF8.GetBytes),
        [0xff, 0xfe, 0x00, 0x7b], [0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d],
    ];

    public Gen<SentRequest> For(Operation operation) =>
        from path in Combine(operation.Parameters.Where(parameter => LocationOf(parameter) == "path"), parameter => Mostly(ValidText(parameter), Gen.Elements(_unusualTexts.Where(text => text != "/" && !text.Contains('\0', StringComparison.Ordinal)))))
        from query in Combine(operation.Parameters.Where(parameter => LocationOf(parameter) == "query"), parameter => Gen.Frequency((5, Gen.Constant<string?>(null)), (3, ValidText(parameter).Select(text => (string?)text)), (2, Gen.Elements<string?>(_unusualTexts))))
        from more in Gen.Frequency((12, Gen.Constant("")), (1, Gen.Constant("nothing=1")), (1, Gen.Constant("limit=1&limit=2")), (1, Gen.Constant("%ff=%00")))
        from body in Body(operation)
        from key in Gen.Elements("none", "right", "right", "right", "wrong", "unknown")
        from accept in Gen.Elements(null, "application/json", "*/*", "text/html", "image/png")
        select new SentRequest(operation, Address(operation, path, query, more), body.Type, body.Bytes, key, accept);

    private Gen<(string? Type, byte[]? Bytes)> Body(Operation operation)
    {
        if (operation.Bodies is not { } bodies)
            return Gen.Frequency((9, Gen.Constant(((string?)null, (byte[]?)null))), (1, Gen.Constant(((string?)"application/json", (byte[]?)"{}"u8.ToArray()))));
        return
            from type in Gen.Elements(bodies.Select(body => body.Key))
            from sentType in Mostly(Gen.Constant<string?>(type), Gen.Elements(null, "text/plain", "application/xml", "application/json; charset=utf-16", "application/zip", "x"))
            from bytes in Gen.Frequency((6, BodyBytes(type, bodies[type]!, values.Valid)), (6, BodyBytes(type, bodies[type]!, values.Invalid)), (2, Gen.Elements(_garbage)))
            select ((string?)sentType, (byte[]?)bytes);
    }

    private static Gen<byte[]> BodyBytes(string type, JsonNode content, Func<JsonNode, Gen<JsonNode?>> valueOf)
    {
        if (type == "application/json")
            return valueOf(content["schema"]!).Select(value => Encoding.UTF8.GetBytes(value is null ? "null" : value.ToJsonString()));
        var examples = content["examples"]?.AsObject().Select(example => example.Value!["value"]!.GetValue<string>()).ToList() ?? ["PK\u0003\u0004"];
        return from text in Gen.Elements<string>(examples)
               from cut in Gen.Choose(0, text.Length)
               from whole in Gen.Elements(true, false)
               select Encoding.UTF8.GetBytes(whole ? text : text[..cut] + "\"\0," + text[cut..]);
    }

    /// <summary>Mostly the example, else a value that the schema allows.</summary>
    private Gen<string> ValidText(JsonObject parameter) => parameter["example"] is { } example
        ? Mostly(Gen.Constant($"{example}"), values.Valid(parameter["schema"]!).Select(value => $"{value}"))
        : values.Valid(parameter["schema"]!).Select(value => $"{value}");

    private static Gen<T> Mostly<T>(Gen<T> usual, Gen<T> other) => Gen.Frequency((4, usual), (1, other));

    private static Gen<Dictionary<string, T>> Combine<T>(IEnumerable<JsonObject> parameters, Func<JsonObject, Gen<T>> of) => parameters.Aggregate(
        Gen.Constant(new Dictionary<string, T>()),
        (all, parameter) => from before in all from value in of(parameter) select new Dictionary<string, T>(before) { [$"{parameter["name"]}"] = value });

    private static string LocationOf(JsonObject parameter) => parameter["in"]!.GetValue<string>();

    private static string Address(Operation operation, Dictionary<string, string> path, Dictionary<string, string?> query, string more)
    {
        var parameters = query.Where(parameter => parameter.Value is not null)
            .Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value!)}")
            .Append(more)
            .Where(text => text.Length > 0)
            .ToList();
        return operation.PathWith(parameter => path[$"{parameter["name"]}"]) + (parameters.Count == 0 ? "" : $"?{string.Join('&', parameters)}");
    }
}
