using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;
using Titanic.Web.Tests.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Serving;

public sealed class ChampionInMemoryTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private ChampionInMemory Champion => Workflow.The<ChampionInMemory>();

    [Fact]
    public async Task It_takes_over_what_the_registry_names_champion()
    {
        Assert.Null(Champion.Current);
        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        await Workflow.Register(Verdict.Promote);
        Assert.Equal(1, Champion.Current!.Version);
        Assert.Equal(2, (await Champion.Reload(Cancellation))!.Version);
    }

    [Fact]
    public async Task A_damaged_newcomer_is_refused_and_the_one_before_keeps_answering()
    {
        await Champion.Reload(Cancellation);
        await Workflow.Register(Verdict.Promote);
        await Workflow.Damage(2);

        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        var answered = await Ask();
        Assert.Equal((1, true), (answered.Predictions[0].ModelVersion, answered.Predictions[0].Survived));
    }

    [Theory]
    [InlineData("titanic_binned/2", "was learned through encoder titanic_binned/2; this process encodes with titanic_binned/1 or titanic_numeric/1")]
    [InlineData("titanic_numeric/1", "learned the features pclass, sex, age_group, fare_band, but its encoder titanic_numeric/1 makes pclass, sex, age, log_fare")]
    public async Task A_model_whose_questions_nobody_here_can_encode_is_refused_and_the_one_before_keeps_answering(string encoder, string reason)
    {
        await Champion.Reload(Cancellation);
        await Workflow.Register(Verdict.Promote);
        await Workflow.Exchange(2, new KnnTrainer(new KnnOptions(), encoder).Fit(TitanicRows.Points).Save());
        var version = await Workflow.In<ModelRegistry, ModelVersion?>(registry => registry.Find(2, Cancellation));

        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => ServedModel.Of(version!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_bytes_are_refused_with_their_digest()
    {
        var version = await Workflow.Register(Verdict.Hold);

        version.Artifact[0] ^= 1;

        Assert.Contains("it is corrupt and cannot be served", Assert.Throws<InvalidDataException>(() => ServedModel.Of(version)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_newcomer_raises_an_alarm_until_a_sound_version_is_champion()
    {
        await Champion.Reload(Cancellation);
        await Workflow.Register(Verdict.Promote);
        Assert.Null(Champion.Alarm);
        await Workflow.Damage(2);

        await Champion.Reload(Cancellation);
        Assert.Equal((2, 1), (Champion.Alarm!.Refused, Champion.Alarm.Answering));
        Assert.Matches("^The artifact of titanic_knn version 2 has SHA-256 .* Version 1 answers in its place. Roll back, or promote a version that is sound.$", Champion.Alarm.Message);

        await Workflow.RollBack();
        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        Assert.Null(Champion.Alarm);
    }

    [Fact]
    public async Task Damage_to_the_stored_bytes_of_who_is_answering_is_noticed_and_the_copy_in_memory_answers_on()
    {
        await Champion.Reload(Cancellation);
        await Workflow.Damage(1);

        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        Assert.Contains("by its sound copy in memory", Champion.Alarm!.Message, StringComparison.Ordinal);

        await Workflow.Damage(1); // flipped back
        await Champion.Reload(Cancellation);
        Assert.Null(Champion.Alarm);
    }

    [Fact]
    public async Task A_process_that_starts_with_a_damaged_champion_answers_by_the_version_before()
    {
        await Workflow.Register(Verdict.Promote);
        await Workflow.Damage(2);

        var answered = await Ask();

        Assert.Equal((1, true), (answered.Predictions[0].ModelVersion, answered.Predictions[0].Survived));
        Assert.Equal((2, 1), (Champion.Alarm!.Refused, Champion.Alarm.Answering));
    }

    [Fact]
    public async Task Where_the_version_before_is_damaged_too_nobody_answers_and_the_sentence_says_why()
    {
        await Workflow.Register(Verdict.Promote);
        await Workflow.Damage(1);
        await Workflow.Damage(2);

        var silent = await Assert.ThrowsAsync<NoChampionException>(Ask);

        Assert.Contains("version 2 has SHA-256", silent.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing answers.", silent.Message, StringComparison.Ordinal);
    }

    private Task<PredictionResult> Ask() => Workflow.In<Predictor, PredictionResult>(predictor =>
        predictor.PredictAsync(new[] { new PredictionInput(1, Sex.Female, 29, 100) }, PredictionSources.Api, PredictionOptions.None, Cancellation));

    [Fact]
    public async Task It_answers_every_point_as_the_model_itself_would()
    {
        var served = await Champion.Reload(Cancellation);
        var model = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id).Fit(TitanicRows.Points);

        foreach (var input in TitanicRows.Inputs())
            Assert.Equal(model.Predict(input), served!.Answer(input));
        Assert.True(served!.Answer(served.View.Encode(1, Sex.Female, 29, 100)).Survived);
    }

    [Fact]
    public async Task A_model_of_the_numeric_view_answers_through_that_view()
    {
        var model = await Workflow.RegisterNumeric(Verdict.Promote);

        var served = await Champion.Reload(Cancellation);

        Assert.Equal((2, "titanic_numeric v1"), (served!.Version, served.View.Schema.ToString()));
        foreach (var (age, fare) in new (double?, double?)[] { (29, 100), (null, null), (0.5, 0), (120, 10_000) })
            Assert.Equal(model.Predict(NumericEncoder.Encode(1, Sex.Female, age, fare).Features), served.Answer(served.View.Encode(1, Sex.Female, age, fare)));
    }
}
