using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Serving.Receipts;

/// <summary>The version of a passenger's row that a prediction was made of.</summary>
/// <param name="FirstCommitId">The commit that brought the passenger.</param>
/// <param name="IsAsAsked">False when no version that had come by then says what was asked; <paramref name="Row"/> is then the newest of them.</param>
public sealed record AskedRow(PassengerVersion Row, long FirstCommitId, bool IsAsAsked)
{
    /// <summary>
    /// A prediction keeps the passenger and what was asked, not the commit of the row. That is the newest version committed before the
    /// answer that says the same; rows are corrected by new versions, so it is still there.
    /// </summary>
    /// <returns>Null for a question about nobody in particular, and for a passenger who never was.</returns>
    public static async Task<AskedRow?> Find(TitanicDb db, Prediction prediction, CancellationToken cancellation)
    {
        var versions = await (
            from row in db.Passengers.AsNoTracking()
            join commit in db.Commits on row.CommitId equals commit.CommitId
            where row.PassengerId == prediction.PassengerId
            orderby row.CommitId descending
            select new { Row = row, commit.CommittedAt }).ToListAsync(cancellation);
        if (versions.Count == 0)
            return null;
        var there = versions.Where(version => version.CommittedAt <= prediction.CreatedAt).Select(version => version.Row).ToList();
        var asked = there.Find(row => SaysTheSame(row, prediction));
        return new AskedRow(asked ?? there.FirstOrDefault() ?? versions[0].Row, versions[^1].Row.CommitId, asked is not null);
    }

    private static bool SaysTheSame(PassengerVersion row, Prediction prediction) =>
        (row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds) == (prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds);
}
