using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Monitoring.WhatIf;

/// <summary>
/// One day's live predictions with known outcomes under one serving policy: the roll-up of the what-if history, so that its cost does not
/// depend on the number of predictions.
/// </summary>
public sealed class DailyPolicyPerformance
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>One of <see cref="ServingPolicies.All"/>.</summary>
    public required string Policy { get; init; }

    /// <inheritdoc cref="PolicyCounts" path="/param[@name='Rows']"/>
    public int Rows { get; init; }

    /// <inheritdoc cref="PolicyCounts" path="/param[@name='Correct']"/>
    public int Correct { get; init; }

    /// <inheritdoc cref="PolicyCounts" path="/param[@name='OnlyServedCorrect']"/>
    public int OnlyServedCorrect { get; init; }

    /// <inheritdoc cref="PolicyCounts" path="/param[@name='OnlyPolicyCorrect']"/>
    public int OnlyPolicyCorrect { get; init; }

    /// <inheritdoc cref="PolicyCounts" path="/param[@name='SquaredError']"/>
    public double SquaredError { get; init; }

    /// <inheritdoc cref="PolicyCounts" path="/param[@name='LeftOut']"/>
    public int LeftOut { get; init; }

    /// <summary>The newest commit that the roll-ups had counted; later outcomes and corrections make the day due again.</summary>
    public long AsOfCommitId { get; init; }

    /// <summary>The newest prediction that the roll-ups had counted; later ones make their day due again.</summary>
    public long LastPredictionId { get; init; }
}

/// <summary>The rules that choose the version that predicts.</summary>
public static class ServingPolicies
{
    /// <summary>What was served: the stored predictions of the champion, whatever an operator did.</summary>
    public const string Served = "served";

    /// <summary>The newest version that the promotion gate had promoted, without manual promotions and rollbacks.</summary>
    public const string Gate = "gate";

    /// <summary>The newest version, promoted or not.</summary>
    public const string Newest = "newest";

    /// <summary>The first version.</summary>
    public const string First = "first";

    /// <summary>The policies that are compared with <see cref="Served"/>.</summary>
    public static IReadOnlyList<string> Alternatives { get; } = [Gate, Newest, First];

    public static IReadOnlyList<string> All { get; } = [Served, .. Alternatives];
}

/// <summary>Predictions under one policy, counted. All policies count the same predictions.</summary>
/// <param name="Rows">Number of compared predictions.</param>
/// <param name="Correct">Number of predictions that are correct under the policy.</param>
/// <param name="OnlyServedCorrect">Number of predictions that are correct as served and wrong under the policy.</param>
/// <param name="OnlyPolicyCorrect">Number of predictions that are wrong as served and correct under the policy.</param>
/// <param name="SquaredError">Sum of (probability − outcome)² under the policy.</param>
/// <param name="LeftOut">
/// Number of predictions that are not compared because the version of this policy has learned the passenger, or because no version was
/// registered yet; for <see cref="ServingPolicies.Served"/>, because of any policy.
/// </param>
public sealed record PolicyCounts(int Rows, int Correct, int OnlyServedCorrect, int OnlyPolicyCorrect, double SquaredError, int LeftOut)
{
    public static PolicyCounts None { get; } = new(0, 0, 0, 0, 0, 0);

    public static PolicyCounts operator +(PolicyCounts one, PolicyCounts other) => new(
        one.Rows + other.Rows, one.Correct + other.Correct, one.OnlyServedCorrect + other.OnlyServedCorrect, one.OnlyPolicyCorrect + other.OnlyPolicyCorrect,
        one.SquaredError + other.SquaredError, one.LeftOut + other.LeftOut);
}

internal sealed class DailyPolicyPerformanceTable : IEntityTypeConfiguration<DailyPolicyPerformance>
{
    public void Configure(EntityTypeBuilder<DailyPolicyPerformance> days)
    {
        days.ToTable("daily_policy_performance");
        days.HasKey(d => new { d.LogicalDate, d.Policy });
        days.HasIndex(d => d.AsOfCommitId);
    }
}
