using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>The whole workflow on one database: the historical list, a first model and three days of the stream.</summary>
public sealed class EndToEndTests(EndToEndTests.ThreeDays scenario) : IClassFixture<EndToEndTests.ThreeDays>
{
    private static readonly (string, string) _tenRepeats = ("Training:CrossValidation:Repeats", "10");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_run_is_stored_as_succeeded()
    {
        // Backfill and first training, then four pipelines on each of three days: 2 + 3 x 4.
        var runs = await scenario.Workflow.Query(db => db.Runs.OrderBy(run => run.RunId).ToListAsync(Cancellation));

        Assert.Equal(14, runs.Count);
        Assert.All(runs, run => Assert.Equal((RunStatus.Succeeded, 1, null), (run.Status, run.Attempts, run.Error)));
        Assert.All(runs, run => Assert.NotNull(run.EndedAt));
        Assert.All(runs, run => Assert.NotEmpty(run.Summary!));
    }

    [Fact]
    public async Task Three_days_add_30_passengers_30_predictions_and_3_versions()
    {
        Assert.Equal(1309 + 30, await scenario.Workflow.Count("passengers", "superseded_by is null"));
        Assert.Equal(1309 + 30, await scenario.Workflow.Count("outcomes", "superseded_by is null"));
        Assert.Equal(30, await scenario.Workflow.Count("predictions"));
        Assert.Equal(4, await scenario.Workflow.Count("model_versions"));
        Assert.Equal(3, await scenario.Workflow.Count("daily_performance", "is_live and predictions = 10"));
    }

    [Fact]
    public async Task Metrics_of_version_1_match_an_independent_implementation()
    {
        var version = await scenario.Version(1);
        var crossValidation = version.Evaluations.Single(record => record is { Subject: "knn", Method: "10x5 cross-validation" });
        var leaveOneOut = version.Evaluations.Single(record => record is { Subject: "knn", Method: "leave-one-out" });

        Assert.Equal((1309, 1309), (crossValidation.Rows, leaveOneOut.Rows));
        Assert.InRange(crossValidation.Metrics["accuracy"].Value!.Value, 0.79, 0.81);
        Assert.InRange(leaveOneOut.Metrics["accuracy"].Value!.Value, 0.79, 0.81);
        Assert.Equal(0.618, version.Evaluations.Single(record => record is { Subject: "majority", Method: "leave-one-out" }).Metrics["accuracy"].Value!.Value, 3);
        Assert.Equal(0.780, version.Evaluations.Single(record => record is { Subject: "female survives", Method: "leave-one-out" }).Metrics["accuracy"].Value!.Value, 3);
        Assert.Equal(Verdict.Promote, version.Gate.Verdict);
    }

    [Fact]
    public async Task Version_1_predicts_survival_for_176_of_396_inputs()
    {
        var predictions = DecisionTable.Of(KnnModel.Load((await scenario.Version(1)).Artifact)).Predictions;

        Assert.Equal(396, predictions.Count);
        Assert.Equal(176, predictions.Count(prediction => prediction.Survived));
    }

    [Fact]
    public async Task Stream_passengers_are_predicted_before_a_model_is_trained_on_them()
    {
        // Checked in SQL, independently of the code that sets is_live: the version's training dataset ends before the passenger's commit.
        const string lineage =
            """
            predictions a
            join passengers p on p.passenger_id = a.passenger_id
            join model_versions v on v.name = a.model_name and v.version = a.model_version
            join training_datasets d on d.training_dataset_id = v.training_dataset_id
            """;

        Assert.Equal(30, await scenario.Workflow.Count(lineage, "a.is_live and d.as_of_commit_id < p.commit_id"));
        Assert.Equal(0, await scenario.Workflow.Count(lineage, "not a.is_live or d.as_of_commit_id >= p.commit_id"));
    }

    [Fact]
    public async Task Each_version_is_trained_on_the_passengers_of_all_earlier_days()
    {
        var rows = await scenario.Workflow.Query(db => db.ModelVersions.OrderBy(version => version.Version)
            .Join(db.TrainingDatasets, version => version.TrainingDatasetId, dataset => dataset.TrainingDatasetId, (_, dataset) => dataset.Rows)
            .ToListAsync(Cancellation));

        Assert.Equal([1309, 1319, 1329, 1339], rows.Order());
    }

    [Fact]
    public async Task Every_stored_training_dataset_can_be_recomputed()
    {
        var datasets = await scenario.Workflow.Query(db => db.TrainingDatasets.Select(dataset => dataset.TrainingDatasetId).ToListAsync(Cancellation));

        foreach (var dataset in datasets)
            await scenario.Workflow.InScope<TrainingDatasets, TrainingPoints>(store => store.ReadVerified(dataset, Cancellation));
        Assert.Equal(4, datasets.Count);
    }

    [Fact]
    public async Task The_same_days_give_the_same_models_and_predictions_in_another_database()
    {
        await using var database = await scenario.Postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database, _tenRepeats);
        await ThreeDays.SimulateThreeDays(workflow);

        Assert.Equal(await ThreeDays.Results(scenario.Workflow), await ThreeDays.Results(workflow));
    }

    /// <summary>A database after the first start and three simulated days.</summary>
    public sealed class ThreeDays(TestPostgres postgres) : IAsyncLifetime
    {
        private TestDatabase _database = null!;

        internal TestPostgres Postgres => postgres;

        internal TestWorkflow Workflow { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _database = await postgres.CreateDatabase();
            Workflow = new TestWorkflow(_database, _tenRepeats);
            await SimulateThreeDays(Workflow);
        }

        public async ValueTask DisposeAsync()
        {
            await Workflow.DisposeAsync();
            await _database.DisposeAsync();
        }

        internal Task<ModelVersion> Version(int number) =>
            Workflow.Query(db => db.ModelVersions.SingleAsync(version => version.Version == number, TestContext.Current.CancellationToken));

        internal static async Task SimulateThreeDays(TestWorkflow workflow)
        {
            await workflow.ImportAndTrain();
            for (var day = 0; day < 3; day++)
                await workflow.SimulateDay(TestWorkflow.FirstDay.AddDays(day));
        }

        /// <summary>Digests of the model artifacts, ordered by version, and the predictions, ordered by passenger key.</summary>
        internal static async Task<string[]> Results(TestWorkflow workflow)
        {
            var versions = await workflow.Query(db => db.ModelVersions.OrderBy(version => version.Version).ToListAsync(Cancellation));
            var predictions = await workflow.Query(db => db.Predictions.OrderBy(prediction => prediction.PredictionId)
                .Join(db.Passengers, prediction => prediction.PassengerId, row => row.PassengerId, (prediction, row) => new { Prediction = prediction, row.SourceKey })
                .ToListAsync(Cancellation));
            return
            [
                .. versions.Select(version => $"{version.Version} {Convert.ToHexStringLower(SHA256.HashData(version.Artifact))}"),
                .. predictions.Select(row => $"{row.SourceKey} {row.Prediction.ModelVersion} {row.Prediction.Survived} {row.Prediction.Probability:R} {row.Prediction.IsLive}").Order(),
            ];
        }

        /// <summary>
        /// A digest of each table whose rows a repeated run must not change. Excluded are the run records and the progress of the
        /// performance rollup.
        /// </summary>
        internal static async Task<string[]> State(TestWorkflow workflow)
        {
            string[] tables =
            [
                "passengers", "outcomes", "commits", "rejected_rows", "feature_views", "training_datasets", "model_versions", "alias_assignments",
                "predictions", "daily_performance", "daily_policy_performance",
            ];
            var digests = new List<string>();
            foreach (var table in tables)
            {
                var rows = await workflow.Scalar<string>($"select coalesce(string_agg(to_jsonb(t)::text, E'\\n' order by to_jsonb(t)::text), '') from {table} t");
                digests.Add($"{table} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rows)))}");
            }
            return [.. digests];
        }
    }
}
