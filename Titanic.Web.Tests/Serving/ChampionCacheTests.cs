using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;
using Titanic.Web.Tests.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Serving;

public sealed class ChampionCacheTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private ChampionCache Champion => Workflow.GetRequired<ChampionCache>();

    [Fact]
    public async Task Reload_loads_the_champion_of_the_registry()
    {
        Assert.Null(Champion.Current);
        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        await Workflow.Register(Verdict.Promote);
        Assert.Equal(1, Champion.Current!.Version);
        Assert.Equal(2, (await Champion.Reload(Cancellation))!.Version);
    }

    [Fact]
    public async Task Rejects_a_corrupt_champion_and_keeps_serving_the_loaded_one()
    {
        await Champion.Reload(Cancellation);
        await Workflow.Register(Verdict.Promote);
        await Workflow.CorruptArtifact(2);

        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        var result = await Predict();
        Assert.Equal((1, true), (result.Predictions[0].ModelVersion, result.Predictions[0].Survived));
    }

    [Theory]
    [InlineData("titanic_binned/2", "requires the feature view titanic_binned v2; this process has titanic_binned v1 and titanic_numeric v1")]
    [InlineData("titanic_numeric/1", "was trained on the features pclass, sex, age_group, fare_band; its feature view titanic_numeric v1 has pclass, sex, age, log_fare")]
    public async Task Rejects_a_model_with_another_encoder_and_keeps_serving_the_loaded_one(string encoder, string reason)
    {
        await Champion.Reload(Cancellation);
        await Workflow.Register(Verdict.Promote);
        await Workflow.ReplaceArtifact(2, new KnnTrainer(new KnnOptions(), encoder).Fit(TitanicRows.Points).Save());
        var version = await Workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(2, Cancellation));

        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => LoadedModel.Of(version!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_throws_for_corrupt_bytes()
    {
        var version = await Workflow.Register(Verdict.Hold);

        version.Artifact[0] ^= 1;

        Assert.Contains("it is corrupt and cannot be served", Assert.Throws<InvalidDataException>(() => LoadedModel.Of(version)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corrupt_champion_raises_an_alarm_until_an_intact_version_is_champion()
    {
        await Champion.Reload(Cancellation);
        await Workflow.Register(Verdict.Promote);
        Assert.Null(Champion.Alarm);
        await Workflow.CorruptArtifact(2);

        await Champion.Reload(Cancellation);
        Assert.Equal((2, 1), (Champion.Alarm!.RejectedVersion, Champion.Alarm.ServingVersion));
        Assert.Matches("^The artifact of titanic_knn version 2 has SHA-256 .* Version 1 serves instead. Roll back, or promote an intact version.$", Champion.Alarm.Message);

        await Workflow.RollBack();
        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        Assert.Null(Champion.Alarm);
    }

    [Fact]
    public async Task Corruption_of_the_stored_bytes_raises_an_alarm_and_the_copy_in_memory_serves()
    {
        await Champion.Reload(Cancellation);
        await Workflow.CorruptArtifact(1);

        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        Assert.Contains("serves an intact copy from memory", Champion.Alarm!.Message, StringComparison.Ordinal);

        await Workflow.CorruptArtifact(1); // restores the byte
        await Champion.Reload(Cancellation);
        Assert.Null(Champion.Alarm);
    }

    [Fact]
    public async Task A_process_that_starts_with_a_corrupt_champion_serves_the_previous_version()
    {
        await Workflow.Register(Verdict.Promote);
        await Workflow.CorruptArtifact(2);

        var result = await Predict();

        Assert.Equal((1, true), (result.Predictions[0].ModelVersion, result.Predictions[0].Survived));
        Assert.Equal((2, 1), (Champion.Alarm!.RejectedVersion, Champion.Alarm.ServingVersion));
    }

    [Fact]
    public async Task Throws_with_the_reason_if_the_champion_and_the_previous_version_are_corrupt()
    {
        await Workflow.Register(Verdict.Promote);
        await Workflow.CorruptArtifact(1);
        await Workflow.CorruptArtifact(2);

        var failure = await Assert.ThrowsAsync<NoChampionException>(Predict);

        Assert.Contains("version 2 has SHA-256", failure.Message, StringComparison.Ordinal);
        Assert.Contains("No version serves.", failure.Message, StringComparison.Ordinal);
    }

    private Task<PredictionResult> Predict() => Workflow.InScope<Predictor, PredictionResult>(predictor =>
        predictor.PredictAsync(new[] { new PredictionInput(1, Sex.Female, 29, 100) }, PredictionSources.Api, PredictionOptions.None, Cancellation));

    [Fact]
    public async Task Predicts_every_point_like_the_model()
    {
        var loaded = await Champion.Reload(Cancellation);
        var model = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id).Fit(TitanicRows.Points);

        foreach (var input in TitanicRows.Inputs())
            Assert.Equal(model.Predict(input), loaded!.Predict(input));
        Assert.True(loaded!.Predict(loaded.View.Encode(1, Sex.Female, 29, 100)).Survived);
    }

    [Fact]
    public async Task Predicts_with_the_numeric_view_of_the_model()
    {
        var model = await Workflow.RegisterNumeric(Verdict.Promote);

        var loaded = await Champion.Reload(Cancellation);

        Assert.Equal((2, "titanic_numeric v1"), (loaded!.Version, loaded.View.Schema.ToString()));
        foreach (var (age, fare) in new (double?, double?)[] { (29, 100), (null, null), (0.5, 0), (120, 10_000) })
        {
            Assert.Equal(
                model.Predict(NumericEncoder.Encode(1, Sex.Female, age, fare).Features),
                loaded.Predict(loaded.View.Encode(1, Sex.Female, age, fare)));
        }
    }
}
