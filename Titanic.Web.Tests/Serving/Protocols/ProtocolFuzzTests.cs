using System.Net;
using System.Text.Json;
using FsCheck.Xunit;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>Fuzz test of both protocols: valid bodies with random deletions and insertions.</summary>
[Collection<ModelSiteCollection>]
public sealed class ProtocolFuzzTests(ModelSite site)
{
    private static readonly (string Path, string ContentType, string Body)[] _validBodies =
    [
        ("/invocations", ProtocolClient.Json, """{"dataframe_split": {"columns": ["pclass", "sex", "age"], "data": [[1, "female", 29], [3, "male", null]], "index": [0, 1]}}"""),
        ("/invocations", ProtocolClient.Json, """{"dataframe_records": [{"pclass": 1, "sex": "female", "fare": 100}, {"pclass": 3, "sex": "male"}], "params": {}}"""),
        ("/invocations", ProtocolClient.Json, """{"instances": [{"pclass": [1], "sex": ["female"]}, {"pclass": 3, "sex": "male"}]}"""),
        ("/invocations", ProtocolClient.Json, """{"inputs": {"pclass": [1, 3], "sex": ["female", "male"], "age": [[29], [NaN]]}}"""),
        ("/invocations", ProtocolClient.Csv, "pclass,sex,age,fare\n1,female,29,\n3,\"male\",,7.25\n"),
        ("/v2/models/titanic_knn/infer", ProtocolClient.Json, """{"id": "a", "inputs": [{"name": "pclass", "shape": [2, 1], "datatype": "INT64", "data": [[1], [3]]}, {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["male", "female"]}], "outputs": [{"name": "survived"}]}"""),
        ("/v2/models/titanic_knn/explain", ProtocolClient.Json, """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "FP32", "parameters": {}, "data": [1]}, {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}]}"""),
    ];

    private static readonly string[] _fragments =
    [
        "", "null", "NaN", "0", "-1", "1.5", "1e999", "99999999999999999999", "true", "\"", "\\", "{", "}", "[", "]", ",", ":", "[]", "{}", "[[1]]", "\"male\"", "\"\\ud800\"",
        "\u0000", "\uFFFF", "\n", "\"data\"", "\"sex\": ", "\"binary_data_size\": 1,", "shape", "18446744073709551615",
    ];

    /// <summary>Every body gets 200 or 400, in the format of the protocol.</summary>
    [Property(MaxTest = 300)]
    public async Task No_body_causes_a_server_error(byte which, (ushort At, byte Cut, byte Piece)[] edits)
    {
        var (path, contentType, body) = _validBodies[which % _validBodies.Length];
        foreach (var (at, cut, piece) in edits)
        {
            var start = at % (body.Length + 1);
            body = string.Concat(body.AsSpan(0, start), _fragments[piece % _fragments.Length], body.AsSpan(start + Math.Min(cut % 12, body.Length - start)));
        }

        using var response = await site.Send(path, body, contentType);
        var json = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{response.StatusCode} for {body}");
        var member = (response.StatusCode, path) switch
        {
            (HttpStatusCode.OK, "/invocations") => "predictions",
            (HttpStatusCode.OK, _) => "outputs",
            (_, "/invocations") => "error_code",
            _ => "error",
        };
        Assert.True(json.TryGetProperty(member, out _), $"{json.GetRawText()} for {body}");
    }
}
