using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Monitoring.WhatIf;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Monitoring.WhatIf;

/// <summary>
/// Version 1 serves the first day. Then the gate promotes version 2, an operator rolls back to version 1, and the gate holds version 3: on the
/// second day the policies choose versions 1, 2, 3 and 1. The expected counts are computed row by row from the models.
/// </summary>
public sealed class WhatIfRollupTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private const int Passengers = 40;

    private static readonly DateOnly _first = TestWorkflow.FirstDay, _second = TestWorkflow.FirstDay.AddDays(1);

    [Fact]
    public async Task An_operators_rollback_changes_what_was_served_but_not_the_gates_choice()
    {
        await ServeTwoDays();

        Assert.Equal(await ExpectedCounts(_first, 1, 1, 1, 1), Rounded(await ReadCounts(_first)));
        Assert.Equal(await ExpectedCounts(_second, 1, 2, 3, 1), Rounded(await ReadCounts(_second)));
        var second = await Read($"from={Format.Date(_second)}&to={Format.Date(_second)}");
        Assert.All(second.Policies, policy => Assert.Equal(Passengers, policy.Rows));
        Assert.NotEqual(0, second.Policies[1].Difference!.OnlyServedRight + second.Policies[1].Difference!.OnlyPolicyRight);
        Assert.Equal(0, second.Policies[3].Difference!.OnlyServedRight + second.Policies[3].Difference!.OnlyPolicyRight);
        Assert.Equal(2 * Passengers, (await Read($"from={Format.Date(_first)}&to={Format.Date(_second)}")).Served.Rows);
    }

    [Fact]
    public async Task Counting_again_changes_nothing()
    {
        await ServeTwoDays();
        var before = await ReadTable();

        Assert.Empty(await Refresh(_second));
        await Workflow.Run(PipelineNames.Monitoring, _first);

        Assert.Equal(before, await ReadTable());
    }

    [Fact]
    public async Task Recounts_the_day_of_a_corrected_outcome_and_computes_the_state_before_it()
    {
        await ServeTwoDays();
        var (before, commit) = (await ReadCounts(_first), await Workflow.Scalar<long>("select max(commit_id) from commits"));
        Workflow.Clock.Advance(TimeSpan.FromHours(1));
        var passenger = PassengerOf(_first, 0);
        await Workflow.Ingest(PassengerSources.Api, _first, passenger with { Survived = !passenger.Survived });
        await Workflow.InScope<PredictionRollup, RefreshedDays>(rollup => rollup.Refresh(null, Cancellation));

        var window = $"from={Format.Date(_first)}&to={Format.Date(_second)}";
        var uncounted = await Read(window);

        Assert.Equal([_first, _second], (await Refresh(_second)).Append(_second).Distinct());

        Assert.NotEqual(before, await ReadCounts(_first));
        Assert.Equal(await ExpectedCounts(_first, 1, 1, 1, 1), Rounded(await ReadCounts(_first)));
        var (asOf, now) = (await Read($"{window}&asOf={commit}"), await Read(window));
        Assert.Equal(WhatIfReport.Of([.. before.Zip(await ReadCounts(_second), (one, other) => one + other)], new GatePolicy()).Policies, asOf.Policies);
        Assert.NotEqual(now.Served.Accuracy, asOf.Served.Accuracy);
        Assert.Equal(now.Policies, uncounted.Policies);
        Assert.Equal(0, (await Read($"{window}&asOf=1")).Served.Rows);
        Assert.Equal(now.Policies, (await Read($"{window}&asOf={commit + 1}")).Policies);
    }

    [Fact]
    public async Task A_prediction_whose_passenger_another_version_has_learned_is_left_out_of_all_policies()
    {
        await ServeTwoDays();
        await Workflow.Run(PipelineNames.Training, _second); // version 4 learns the passengers of both days
        await Workflow.Execute("delete from daily_policy_performance");
        await Refresh(_second);
        Assert.Equal(2 * Passengers, (await ReadCounts(_first))[0].Rows + (await ReadCounts(_second))[0].Rows);

        await Workflow.Execute("update model_versions set created_at = '2026-01-01Z' where version = 4"); // by a clock that is wrong
        await Workflow.Execute("delete from daily_policy_performance");
        await Refresh(_second);

        foreach (var day in (DateOnly[])[_first, _second])
        {
            var counts = await ReadCounts(day);
            Assert.All(counts, policy => Assert.Equal(0, policy.Rows));
            Assert.Equal((Passengers, Passengers, 0), (counts[0].LeftOut, counts[2].LeftOut, counts[3].LeftOut));
        }
    }

    [Fact]
    public async Task Recounts_the_day_of_a_passenger_that_turns_out_to_be_a_known_person()
    {
        await ServeTwoDays();
        var known = await Workflow.Query(db => db.Passengers.FirstAsync(row => row.Source == PassengerSources.Titanic3 && row.Name != null, Cancellation));
        Workflow.Clock.Advance(TimeSpan.FromHours(1));
        await Workflow.Ingest(PassengerSources.Api, _first, PassengerOf(_first, 0) with { Name = known.Name });

        await Workflow.Run(PipelineNames.Monitoring, _second);

        Assert.Equal((Passengers - 1, Passengers), ((await ReadCounts(_first))[0].Rows, (await ReadCounts(_second))[0].Rows));
    }

    [Fact]
    public async Task Only_trained_versions_that_can_serve_and_were_registered_before_the_prediction_are_chosen()
    {
        await ServeTwoDays();
        var expected = await ExpectedCounts(_second, 1, 2, 2, 1);
        await Workflow.Register(Verdict.Promote); // at the instant of the predictions, after them
        await Workflow.Execute("update model_versions set algorithm = 'boosted trees (FastTree)' where version = 3");
        await Workflow.Execute("delete from daily_policy_performance");

        await Refresh(_second);

        Assert.Equal(expected, Rounded(await ReadCounts(_second)));
    }

    [Fact]
    public async Task A_corrupt_artifact_does_not_stop_the_monitoring_and_the_days_stay_due()
    {
        await ServeTwoDays();
        var before = await ReadCounts(_second);
        await Workflow.Execute("delete from daily_policy_performance");
        await Workflow.CorruptArtifact(3);

        var run = await Workflow.Run(PipelineNames.Monitoring, _second);

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Contains("What-if history not updated: The artifact of titanic_knn version 3", run.Summary, StringComparison.Ordinal);
        Assert.Equal(0, await Workflow.Count("daily_policy_performance"));
        await Workflow.CorruptArtifact(3); // flips the bit back
        await Workflow.Run(PipelineNames.Monitoring, _second);
        Assert.Equal(before, await ReadCounts(_second));
    }

    [Fact]
    public async Task The_predictions_of_the_served_version_computed_again_equal_the_stored_ones()
    {
        await ServeTwoDays();
        var (model, predictions) = (await Load(1), await Workflow.Query(db => db.Predictions.AsNoTracking().ToListAsync(Cancellation)));

        Assert.Equal(2 * Passengers, predictions.Count);
        Assert.All(predictions, stored => Assert.Equal((stored.Survived, stored.Probability), Predict(model, stored)));
    }

    /// <summary>Predicts and evaluates the passengers of two days.</summary>
    private async Task ServeTwoDays()
    {
        await RunDay(_first);
        var training = (await Load(1)).Training;
        await Workflow.Register(Verdict.Promote, new KnnTrainer(new KnnOptions(K: 1), TrainingViews.Binned.Schema.EncoderId).Fit(training), TrainingViews.Binned);
        await Workflow.RollBack();
        await Workflow.RegisterNumeric(Verdict.Hold);
        Assert.Equal(1, await Workflow.Champion());
        await RunDay(_second);
    }

    private async Task RunDay(DateOnly day)
    {
        Workflow.Clock.MoveTo(day);
        await Workflow.Ingest(PassengerSources.Api, day, [.. Enumerable.Range(0, Passengers).Select(number => PassengerOf(day, number))]);
        await Workflow.Run(PipelineNames.Inference, day);
        Assert.Equal(RunStatus.Succeeded, (await Workflow.Run(PipelineNames.Monitoring, day)).Status);
    }

    private static Passenger PassengerOf(DateOnly day, int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"{day:MMdd}-{number}"), null, 1 + number % 3, number % 2 == 0 ? Sex.Female : Sex.Male,
        number % 5 == 0 ? null : 2 + number * 1.5, number % 7 == 0 ? null : 5 + number * 2.25, number % 4 < 2);

    /// <summary>The second, simpler implementation: row by row, with the versions that the policies choose on this day.</summary>
    private async Task<List<PolicyCounts>> ExpectedCounts(DateOnly day, params int[] versions)
    {
        var rows = await Workflow.Query(db => db.Predictions.AsNoTracking().Where(row => row.LogicalDate == day)
            .Join(db.Outcomes.Where(outcome => outcome.SupersededBy == null), row => row.PassengerId, outcome => outcome.PassengerId, (row, outcome) => new { row, outcome.Survived })
            .ToListAsync(Cancellation));
        var counts = new List<PolicyCounts>();
        foreach (var version in versions)
        {
            var model = await Load(version);
            var predicted = rows.ConvertAll(of => (of.row, of.Survived, Policy: Predict(model, of.row)));
            counts.Add(new PolicyCounts(
                rows.Count, predicted.Count(of => of.Policy.Survived == of.Survived),
                predicted.Count(of => of.row.Survived == of.Survived && of.Policy.Survived != of.Survived), predicted.Count(of => of.row.Survived != of.Survived && of.Policy.Survived == of.Survived),
                Math.Round(predicted.Sum(of => Math.Pow(of.Policy.Probability - (of.Survived ? 1 : 0), 2)), 9), 0));
        }
        return counts;
    }

    private async Task<KnnModel> Load(int version)
    {
        var found = await Workflow.Query(db => db.ModelVersions.AsNoTracking().SingleAsync(of => of.Version == version, Cancellation));
        return Assert.IsType<KnnModel>(LearnerCatalog.Load(found.Algorithm, found.Artifact));
    }

    private static (bool Survived, double Probability) Predict(KnnModel model, Prediction row)
    {
        var predicted = model.Predict(model.Trainer.View.Encode(row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds));
        return (predicted.Survived, predicted.Probability);
    }

    private async Task<List<PolicyCounts>> ReadCounts(DateOnly day)
    {
        var rows = await Workflow.Query(db => db.DailyPolicyPerformance.AsNoTracking().Where(row => row.LogicalDate == day).ToDictionaryAsync(row => row.Policy, Cancellation));
        return
        [
            .. ServingPolicies.All.Select(policy => rows[policy])
                .Select(row => new PolicyCounts(row.Rows, row.Correct, row.OnlyServedCorrect, row.OnlyPolicyCorrect, row.SquaredError, row.LeftOut)),
        ];
    }

    /// <summary>The sums of the two implementations are in different orders.</summary>
    private static IEnumerable<PolicyCounts> Rounded(IEnumerable<PolicyCounts> counts) => counts.Select(of => of with { SquaredError = Math.Round(of.SquaredError, 9) });

    private Task<string> ReadTable() => Workflow.Scalar<string>("select string_agg(to_jsonb(d)::text, ' ' order by logical_date, policy) from daily_policy_performance d");

    private Task<IReadOnlyList<DateOnly>> Refresh(DateOnly day) => Workflow.InScope<WhatIfRollup, IReadOnlyList<DateOnly>>(rollup => rollup.Refresh(day, Cancellation));

    private async Task<WhatIfReport> Read(string query)
    {
        var parameters = System.Web.HttpUtility.ParseQueryString(query);
        var (parsed, problems) = await Workflow.InScope<TitanicDb, (PerformanceQuery, IReadOnlyList<string>)>(
            db => PerformanceQuery.Parse(name => parameters[name], Workflow.Today, db, Cancellation));
        Assert.Empty(problems);
        return await Workflow.InScope<WhatIfReports, WhatIfReport>(reports => reports.Read(parsed, Cancellation));
    }
}
