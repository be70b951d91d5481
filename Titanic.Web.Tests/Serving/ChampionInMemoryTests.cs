using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;
using Titanic.Web.Tests.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Serving;

public sealed class ChampionInMemoryTests(TestPostgres postgres) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private TestWorkflow _workflow = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ChampionInMemory Champion => _workflow.The<ChampionInMemory>();

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateTrainedDatabase();
        _workflow = new TestWorkflow(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _workflow.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task It_takes_over_what_the_registry_names_champion()
    {
        Assert.Null(Champion.Current);
        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        await _workflow.Register(Verdict.Promote);
        Assert.Equal(1, Champion.Current!.Version);
        Assert.Equal(2, (await Champion.Reload(Cancellation))!.Version);
    }

    [Fact]
    public async Task A_damaged_newcomer_is_refused_and_the_one_before_keeps_answering()
    {
        await Champion.Reload(Cancellation);
        await _workflow.Register(Verdict.Promote);
        await _workflow.Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = 2");

        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
        var answers = await _workflow.In<Predictor, IReadOnlyList<Prediction>>(predictor =>
            predictor.Answer([new PassengerInput(1, "female", 29, 100)], PredictionSources.Api, Cancellation));
        Assert.Equal((1, true), (answers[0].ModelVersion, answers[0].Survived));
    }

    [Fact]
    public async Task A_model_that_learned_through_another_encoder_is_refused()
    {
        await Champion.Reload(Cancellation);
        await _workflow.Register(Verdict.Promote, new KnnTrainer(new KnnOptions(), "titanic_numeric/1").Fit(TitanicRows.Points).Save());

        Assert.Equal(1, (await Champion.Reload(Cancellation))!.Version);
    }

    [Fact]
    public async Task The_reason_of_a_refusal_says_what_was_expected()
    {
        var version = await _workflow.Register(Verdict.Hold, new KnnTrainer(new KnnOptions(), "titanic_numeric/1").Fit(TitanicRows.Points).Save());
        Assert.Contains(
            "was learned through encoder titanic_numeric/1; this process encodes with titanic_binned/1",
            Assert.Throws<InvalidDataException>(() => ServedModel.Of(version)).Message);

        version.Artifact[0] ^= 1;
        Assert.Contains("it is damaged and will not serve", Assert.Throws<InvalidDataException>(() => ServedModel.Of(version)).Message);
    }

    [Fact]
    public async Task It_answers_every_point_as_the_model_itself_would()
    {
        var served = await Champion.Reload(Cancellation);
        var model = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id).Fit(TitanicRows.Points);

        foreach (var code in Enumerable.Range(0, BinnedPoint.Count))
            Assert.Equal(model.Predict(BinnedPoint.FromCode(code).Features), served!.Answer(BinnedPoint.FromCode(code)));
        Assert.True(served!.Answer(BinnedEncoder.Encode(1, Sex.Female, 29, 100)).Survived);
    }
}
