using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Models;

/// <summary>One paired comparison of the gate, as its table shows it.</summary>
/// <param name="Version">The other; null for a baseline.</param>
/// <param name="Rows">Which rows, in words.</param>
public sealed record GateRow(
    string Name, int? Version, string Rows, int BothRight, int OnlyThis, int OnlyOther, int BothWrong, double PValue, MetricValue? AccuracyGain, MetricValue? BrierDifference)
{
    public static IReadOnlyList<GateRow> Of(GateEvidence evidence)
    {
        var rows = new List<GateRow>();
        Add("Champion", evidence.Champion, "held out");
        Add("Champion, live", evidence.Live, "live");
        Add("Best champion so far", evidence.Yardstick, "held out");
        rows.AddRange((evidence.Baselines ?? []).Select(baseline => new GateRow(
            $"“{baseline.Name}”", null, $"{Format.Count(evidence.Rows)} held out", baseline.BothRight, baseline.OnlyCandidateRight, baseline.OnlyBaselineRight, baseline.BothWrong,
            baseline.PValue, baseline.AccuracyGain, baseline.BrierDifference)));
        return rows;

        void Add(string name, ChampionComparison? other, string which)
        {
            if (other is not null)
                rows.Add(new GateRow(
                    name, other.Version, $"{Format.Count(other.Rows)} {which}", other.BothRight, other.OnlyCandidateRight, other.OnlyChampionRight, other.BothWrong,
                    other.PValue, other.AccuracyGain, other.BrierDifference));
        }
    }
}
