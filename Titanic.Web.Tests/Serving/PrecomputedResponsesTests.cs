using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Serving;

public sealed class PrecomputedResponsesTests(TestPostgres postgres)
{
    private static readonly JsonSerializerOptions _json = new JsonOptions().SerializerOptions;
    private static readonly double?[] _ages = [null, 0, -0.0, 0.42, 12, 17.5, 29, 34.99999999999999, 60, 120];
    private static readonly double?[] _fares = [null, 0, 1e-7, 7.8958, 25, 30.5, 75, 75.24166666666667, 110, 130, 151.55, 211.3375, 263, 512.3292, 10_000];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_the_same_bytes_as_the_serializer_for_every_point()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        var model = (await workflow.GetRequired<ChampionCache>().Reload(Cancellation))!;
        var responses = new PrecomputedResponses(model, PredictionSources.Api, _json);
        var points = new HashSet<int>();
        var id = 0L;
        foreach (var (pclass, sex, age, fare) in from pclass in (int[])[1, 2, 3]
                                                 from sex in (Sex[])[Sex.Male, Sex.Female]
                                                 from age in _ages
                                                 from fare in _fares
                                                 select (pclass, sex, age, fare))
        {
            var point = BinnedEncoder.Encode(pclass, sex, age, fare);
            var prediction = model.Predict(point.Features);
            var createdAt = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddMicroseconds(id * 1_000_003);
            var serialized = JsonSerializer.Serialize(
                new PredictionResponse(
                    id == 0 ? null : id, prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors, model.Version,
                    pclass, SexConverter.Format(sex), age, fare, BinnedEncoder.Id, EncodedValue.Of(TrainingViews.Binned, point.Features), PredictionSources.Api, createdAt),
                _json);

            Assert.Equal(serialized, Written(responses, model, new PredictionInput(pclass, sex, age, fare), id, createdAt));
            points.Add(point.Code);
            id = id * 3 % 1_000_000_007 + 1;
        }
        Assert.Equal(BinnedPoint.Count, points.Count);
        var longest = Written(responses, model, new PredictionInput(1, Sex.Male, 1.0 / 3, 2e-300 / 3), long.MaxValue, DateTimeOffset.MaxValue);
        Assert.InRange(longest.Length, 1, responses.MaximumBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_234_567)]
    [InlineData(1_234_560)]
    [InlineData(10_000_000)]
    [InlineData(5_000_000)]
    [InlineData(9_999_999)]
    public void Writes_a_timestamp_like_the_serializer(long ticks)
    {
        var instant = new DateTimeOffset(1912, 4, 15, 2, 20, 0, TimeSpan.Zero).AddTicks(ticks);
        var text = new byte[Utf8Timestamp.MaximumBytes];

        Assert.Equal(
            JsonSerializer.Serialize(instant, _json), $"\"{Encoding.UTF8.GetString(text.AsSpan(0, Utf8Timestamp.Write(instant, text)))}\"");
    }

    private static string Written(PrecomputedResponses responses, LoadedModel model, PredictionInput input, long id, DateTimeOffset createdAt)
    {
        var (text, timestamp) = (new byte[responses.MaximumBytes], new byte[Utf8Timestamp.MaximumBytes]);
        var result = new PredictionResult(model, new[] { input }, PredictionSources.Api, createdAt, id == 0 ? null : [id]);
        return Encoding.UTF8.GetString(text.AsSpan(0, responses.Write(text, result, 0, timestamp.AsSpan(0, Utf8Timestamp.Write(createdAt, timestamp)))));
    }
}
