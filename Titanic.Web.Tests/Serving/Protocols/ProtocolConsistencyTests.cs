using System.Globalization;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>Compares the predictions of all protocols for every input of the binned view.</summary>
[Collection<ModelSiteCollection>]
public sealed class ProtocolConsistencyTests(ModelSite site)
{
    /// <summary>One age of each age group and one fare of each fare band of the original.</summary>
    private static readonly string[] _ages = ["null", "5", "15.5", "25", "40", "70"];

    private static readonly string[] _fares = ["7.25", "20", "30", "60", "80", "110", "130", "160", "220", "260", "500"];

    private static readonly IReadOnlyList<(int Pclass, string Sex, string Age, string Fare)> _all =
    [
        .. from pclass in (int[])[1, 2, 3]
           from sex in (string[])["male", "female"]
           from age in _ages
           from fare in _fares
           select (pclass, sex, age, fare),
    ];

    [Fact]
    public async Task All_protocols_return_the_predictions_of_the_API_for_all_396_inputs()
    {
        var inputs = $"[{string.Join(',', _all.Select(Record))}]";
        var api = (await site.PostOk("/api/predictions", inputs)).EnumerateArray().ToList();
        Assert.Equal(396, api.Select(prediction => prediction.GetProperty("encoded").GetRawText()).Distinct().Count());
        var expected = api.ConvertAll(ComparablePrediction.Of);

        Assert.Equal(expected, await PredictByMlflow($$"""{"dataframe_records": {{inputs}}}""", ProtocolClient.Json));
        Assert.Equal(expected, await PredictByMlflow($$"""{"instances": {{inputs}}}""", ProtocolClient.Json));
        Assert.Equal(expected, await PredictByMlflow(
            $$"""{"dataframe_split": {"columns": ["fare", "age", "sex", "pclass"], "data": [{{string.Join(',', _all.Select(one => $"[{one.Fare}, {one.Age}, \"{one.Sex}\", {one.Pclass}]"))}}]} }""", ProtocolClient.Json));
        Assert.Equal(expected, await PredictByMlflow(
            $$"""{"inputs": {"pclass": [{{Column(one => Number(one.Pclass))}}], "sex": [{{Column(one => $"\"{one.Sex}\"")}}], "age": [{{Column(one => one.Age)}}], "fare": [{{Column(one => one.Fare)}}]} }""", ProtocolClient.Json));
        Assert.Equal(expected, await PredictByMlflow($"pclass,sex,age,fare\n{string.Concat(_all.Select(one => $"{one.Pclass},{one.Sex},{(one.Age == "null" ? "" : one.Age)},{one.Fare}\n"))}", ProtocolClient.Csv));
        Assert.Equal(expected, Tensors.ReadPredictions(await site.PostOk("/v2/models/titanic_knn/infer", $$"""{"inputs": [{{Tensor("pclass", "INT32", one => Number(one.Pclass))}}, """
            + $$"""{{Tensor("sex", "BYTES", one => $"\"{one.Sex}\"")}}, {{Tensor("age", "FP64", one => one.Age)}}, {{Tensor("fare", "FP64", one => one.Fare)}}]}""")));
    }

    private async Task<IReadOnlyList<ComparablePrediction>> PredictByMlflow(string body, string contentType) =>
        [.. (await site.PostOk("/invocations", body, contentType)).GetProperty("predictions").EnumerateArray().Select(ComparablePrediction.Of)];

    private static string Record((int Pclass, string Sex, string Age, string Fare) one) =>
        $$"""{"pclass": {{one.Pclass}}, "sex": "{{one.Sex}}", "age": {{one.Age}}, "fare": {{one.Fare}}}""";

    private static string Tensor(string name, string datatype, Func<(int Pclass, string Sex, string Age, string Fare), string> value) =>
        $$"""{"name": "{{name}}", "shape": [{{_all.Count}}], "datatype": "{{datatype}}", "data": [{{Column(value)}}]}""";

    private static string Column(Func<(int Pclass, string Sex, string Age, string Fare), string> value) => string.Join(',', _all.Select(value));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
