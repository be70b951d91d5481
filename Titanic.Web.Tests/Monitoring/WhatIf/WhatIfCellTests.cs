using Titanic.Web.Monitoring.WhatIf;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Monitoring.WhatIf;

/// <summary>Counts and differences of chosen predictions, computed by hand.</summary>
public sealed class WhatIfCellTests
{
    private static readonly WhatIfInput _input = new(3, Sex.Male, null, null);

    [Fact]
    public void The_counts_equal_those_computed_by_hand()
    {
        PolicyCounts[] counts = [.. ServingPolicies.All.Select(_ => PolicyCounts.None)];

        // Version 3 served; the gate would have chosen it, too.
        NewCell(served: 0.8, rows: 2).AddTo(counts, version => Predict(version == 4 ? 0.4 : 0.6));
        NewCell(served: 0.3, rows: 3).AddTo(counts, version => Predict(version == 4 ? 0.7 : 0.2));

        Assert.Equal(
            [
                new(5, 2, 0, 0, 1.55, 0), // 2 · 0.2² + 3 · 0.7²
                new(5, 2, 0, 0, 1.55, 0),
                new(5, 3, 2, 3, 0.99, 0), // 2 · 0.6² + 3 · 0.3²
                new(5, 2, 0, 0, 2.24, 0), // 2 · 0.4² + 3 · 0.8²
            ],
            counts.Select(of => of with { SquaredError = Math.Round(of.SquaredError, 12) }));
    }

    [Fact]
    public void A_row_that_one_version_has_learned_or_that_has_no_version_is_left_out_of_all_policies()
    {
        PolicyCounts[] counts = [.. ServingPolicies.All.Select(_ => PolicyCounts.None)];

        (NewCell(0.8, 5) with { Alternatives = [new(3, false), new(4, true), new(1, false)] }).AddTo(counts, _ => throw new InvalidOperationException("predicted"));
        (NewCell(0.8, 1) with { Alternatives = [new(null, false), new(4, false), new(1, false)] }).AddTo(counts, _ => throw new InvalidOperationException("predicted"));

        Assert.Equal([6, 1, 5, 0], counts.Select(of => of.LeftOut));
        Assert.All(counts, of => Assert.Equal(0, of.Rows));
    }

    [Theory]
    [InlineData(0, 6, "newest")] // p = 2 · ½⁶ = 0.03125
    [InlineData(6, 0, "served")]
    [InlineData(0, 5, null)] // fewer than 6 discordant rows
    [InlineData(2, 6, null)] // p = 2 · 37/256
    public void A_difference_is_significant_as_in_the_gate(int onlyServed, int onlyPolicy, string? better)
    {
        var served = new PolicyCounts(100, 80, 0, 0, 16, 0);
        var newest = new PolicyCounts(100, 80 - onlyServed + onlyPolicy, onlyServed, onlyPolicy, 15, 0);

        var report = WhatIfReport.Of([served, served, newest, served], new GatePolicy());

        var difference = report.Policies[2].Difference!;
        Assert.Equal(better, difference.Better);
        Assert.Equal((80 - onlyServed, onlyServed, onlyPolicy, 20 - onlyPolicy), (difference.BothRight, difference.OnlyServedRight, difference.OnlyPolicyRight, difference.BothWrong));
        Assert.Equal((onlyPolicy - onlyServed) / 100.0, difference.AccuracyGain!.Value);
        Assert.Equal(new PairedComparison(80 - onlyServed, onlyServed, onlyPolicy, 20 - onlyPolicy).McNemarPValue, difference.PValue);
        Assert.Equal((0.8, 0.16, 0.15), (report.Served.Accuracy.Value, report.Served.Brier, report.Policies[2].Brier));
        Assert.Null(report.Served.Difference);
    }

    private static WhatIfCell NewCell(double served, int rows) => new(
        ServedVersion: 3, Predict(served), _input, Survived: true, [new(3, false), new(4, false), new(1, false)], rows);

    private static ClassPrediction Predict(double probability) => new(probability > 0.5, probability);
}
